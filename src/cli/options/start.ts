import { command } from "../flags/command.ts";
import { toggle } from "../flags/types/toggle.ts";
import { detachKeys } from "./values/detach-keys.ts";

export const start = command({
  summary: "Start containers that do not run",
  usage: "CONTAINER [CONTAINER...]",
  operands: { least: 1 },
  flags: {
    attach: { type: toggle, short: "a", help: "Connect STDOUT and STDERR, and pass signals on" },
    detachKeys: { type: detachKeys, help: "Keys that leave it running and end this command (ctrl-p,ctrl-q)" },
    interactive: { type: toggle, short: "i", help: "Connect STDIN" },
  },
  refused: { "checkpoints of containers are not implemented": ["checkpoint", "checkpoint-dir"] },
});
