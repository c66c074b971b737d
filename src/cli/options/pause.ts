import { command } from "../flags/command.ts";

export const pause = command({
  summary: "Stop every process of containers where it is",
  usage: "CONTAINER [CONTAINER...]",
  operands: { least: 1 },
  flags: {},
});

export const unpause = command({
  summary: "Let the processes of paused containers go on",
  usage: "CONTAINER [CONTAINER...]",
  operands: { least: 1 },
  flags: {},
});
