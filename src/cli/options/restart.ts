import { command } from "../flags/command.ts";
import { stopFlags } from "./values/stop.ts";

export const restart = command({
  summary: "Stop containers and start them again",
  usage: "CONTAINER [CONTAINER...]",
  operands: { least: 1 },
  flags: stopFlags,
});
