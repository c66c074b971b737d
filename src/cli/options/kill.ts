import { command } from "../flags/command.ts";
import { signal } from "./values/signal.ts";

export const kill = command({
  summary: "Send a signal to running containers, SIGKILL if none is named",
  usage: "CONTAINER [CONTAINER...]",
  operands: { least: 1 },
  flags: { signal: { type: signal, short: "s", help: "Signal to send" } },
});
