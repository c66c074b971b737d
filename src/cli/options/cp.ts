import { command } from "../flags/command.ts";
import { toggle } from "../flags/types/toggle.ts";

export const cp = command({
  summary: "Copy files and folders between a container and here",
  usage: "CONTAINER:SRC_PATH DEST_PATH|-\n\tbrig cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH",
  operands: { least: 2, most: 2 },
  flags: {
    archive: { type: toggle, short: "a", help: "Keep who owns what" },
    followLink: { type: toggle, short: "L", help: "Follow a symbolic link in SRC_PATH" },
    quiet: { type: toggle, short: "q", help: "Do not tell how much was copied" },
  },
});
