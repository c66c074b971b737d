import { command } from "../flags/command.ts";
import { text } from "../flags/types/text.ts";

export const exportContainer = command({
  summary: "Write a container's root file system as an archive",
  usage: "CONTAINER",
  operands: { least: 1, most: 1 },
  flags: {
    output: { type: text, short: "o", help: "File to write instead of STDOUT" },
  },
});
