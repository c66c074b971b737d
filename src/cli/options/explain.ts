import { command } from "../flags/command.ts";

/** The arguments are those of the command to explain; whoever handles it resolves them again. */
export const explain = command({
  summary: "Print the system calls that a run would make, each with its reason",
  usage: "run [OPTIONS] IMAGE [COMMAND] [ARG...]",
  operands: { least: 1 },
  interspersed: false,
  flags: {},
});
