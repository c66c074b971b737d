import { command } from "../flags/command.ts";
import { toggle } from "../flags/types/toggle.ts";
import { formatFlag, listFormatFlag } from "./format.ts";
import { filters } from "./values/filter.ts";

export const networkInspect = command({
  summary: "Print everything about networks",
  usage: "NETWORK [NETWORK...]",
  operands: { least: 1 },
  flags: {
    format: formatFlag,
    verbose: { type: toggle, short: "v", help: "Also what a cluster knows of it" },
  },
});

export const networkLs = command({
  summary: "List networks",
  usage: "",
  operands: { least: 0, most: 0 },
  flags: {
    filter: { type: filters, short: "f", help: "Only those for which KEY=VALUE holds" },
    format: listFormatFlag,
    noTrunc: { type: toggle, help: "Do not shorten anything" },
    quiet: { type: toggle, short: "q", help: "Print ids only" },
  },
});
