import { command } from "../flags/command.ts";
import { toggle } from "../flags/types/toggle.ts";

export const rm = command({
  summary: "Remove containers",
  usage: "CONTAINER [CONTAINER...]",
  operands: { least: 1 },
  flags: {
    force: { type: toggle, short: "f", help: "Kill it first if it runs" },
    volumes: { type: toggle, short: "v", help: "Also remove its anonymous volumes" },
  },
  refused: { "links are obsolete": ["link", "l"] },
});
