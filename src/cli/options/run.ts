import { command } from "../flags/command.ts";
import { initially } from "../flags/flag.ts";
import { toggle } from "../flags/types/toggle.ts";
import { containerFlags } from "./container/flags.ts";
import { refusedFlags } from "./container/refused.ts";
import { detachKeys } from "./values/detach-keys.ts";

export const run = command({
  summary: "Make a container from an image and run it",
  usage: "IMAGE [COMMAND] [ARG...]",
  operands: { least: 1 },
  interspersed: false,
  badValue: 125,
  flags: {
    ...containerFlags,
    detach: { type: toggle, short: "d", help: "Leave it running in the background and print its id" },
    detachKeys: { type: detachKeys, help: "Keys that leave it running and end this command (ctrl-p,ctrl-q)" },
    sigProxy: { type: initially(toggle, true), help: "Pass signals on to the container" },
  },
  refused: refusedFlags,
});
