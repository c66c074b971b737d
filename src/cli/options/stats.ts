import { command } from "../flags/command.ts";
import { toggle } from "../flags/types/toggle.ts";
import { listFormatFlag } from "./format.ts";

export const stats = command({
  summary: "Show what containers use, again and again",
  usage: "[CONTAINER...]",
  operands: { least: 0 },
  flags: {
    all: { type: toggle, short: "a", help: "Also those that do not run" },
    format: listFormatFlag,
    noStream: { type: toggle, help: "Show it once" },
    noTrunc: { type: toggle, help: "Do not shorten anything" },
  },
});
