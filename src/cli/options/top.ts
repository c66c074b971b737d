import { command } from "../flags/command.ts";

export const top = command({
  summary: "List the processes of a container, with the host's pids",
  usage: "CONTAINER [PS OPTION...]",
  operands: { least: 1 },
  interspersed: false,
  flags: {},
});
