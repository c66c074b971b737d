import { command } from "../flags/command.ts";
import { initially } from "../flags/flag.ts";
import { integer } from "../flags/types/integer.ts";
import { toggle } from "../flags/types/toggle.ts";
import { listFormatFlag } from "./format.ts";
import { filters } from "./values/filter.ts";

export const ps = command({
  summary: "List containers",
  usage: "",
  operands: { least: 0, most: 0 },
  flags: {
    all: { type: toggle, short: "a", help: "Also those that do not run" },
    filter: { type: filters, short: "f", help: "Only those for which KEY=VALUE holds" },
    format: listFormatFlag,
    last: { type: initially(integer, -1), short: "n", help: "The N that were made last, in any state" },
    latest: { type: toggle, short: "l", help: "The one that was made last, in any state" },
    noTrunc: { type: toggle, help: "Do not shorten anything" },
    quiet: { type: toggle, short: "q", help: "Print ids only" },
    size: { type: toggle, short: "s", help: "Also the size of their files" },
  },
});
