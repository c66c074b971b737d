import { command } from "../flags/command.ts";
import { integer } from "../flags/types/integer.ts";
import { signal } from "./values/signal.ts";

export const stop = command({
  summary: "Stop running containers",
  usage: "CONTAINER [CONTAINER...]",
  operands: { least: 1 },
  flags: {
    signal: { type: signal, short: "s", help: "Signal to send first" },
    timeout: {
      type: integer,
      short: "t",
      retired: ["time"],
      help: "Seconds to wait before killing it; -1 for ever",
    },
  },
});
