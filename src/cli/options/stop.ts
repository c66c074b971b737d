import { command } from "../flags/command.ts";
import { stopFlags } from "./values/stop.ts";

export const stop = command({
  summary: "Stop running containers",
  usage: "CONTAINER [CONTAINER...]",
  operands: { least: 1 },
  flags: stopFlags,
});
