import { command } from "../flags/command.ts";
import { initially } from "../flags/flag.ts";
import { toggle } from "../flags/types/toggle.ts";
import { detachKeys } from "./values/detach-keys.ts";

export const attach = command({
  summary: "Connect the terminal to a running container",
  usage: "CONTAINER",
  operands: { least: 1, most: 1 },
  flags: {
    detachKeys: { type: detachKeys, help: "Keys that leave it running and end this command (ctrl-p,ctrl-q)" },
    noStdin: { type: toggle, help: "Do not connect STDIN" },
    sigProxy: { type: initially(toggle, true), help: "Pass signals on to the container" },
  },
});
