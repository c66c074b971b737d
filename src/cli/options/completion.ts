import { command } from "../flags/command.ts";

export const completion = command({
  summary: "Print a script that lets a shell complete brig's command lines",
  usage: "bash|zsh|fish",
  operands: { least: 1, most: 1 },
  flags: {},
});

/** Called by such a script, with every word up to the cursor. */
export const complete = command({
  summary: "Print what may stand at the end of a command line",
  usage: "[WORD...]",
  operands: { least: 0 },
  flags: {},
  raw: true,
  hidden: true,
});
