import { command } from "../flags/command.ts";
import { containerFlags } from "./container/flags.ts";
import { refusedFlags } from "./container/refused.ts";

export const create = command({
  summary: "Make a container from an image, without starting it",
  usage: "IMAGE [COMMAND] [ARG...]",
  operands: { least: 1 },
  interspersed: false,
  badValue: 125,
  flags: containerFlags,
  refused: refusedFlags,
});
