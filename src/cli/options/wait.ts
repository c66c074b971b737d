import { command } from "../flags/command.ts";

export const wait = command({
  summary: "Wait until containers end and print their exit codes",
  usage: "CONTAINER [CONTAINER...]",
  operands: { least: 1 },
  flags: {},
});
