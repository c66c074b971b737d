import { command } from "../flags/command.ts";
import { text } from "../flags/types/text.ts";
import { formatFlag } from "./format.ts";
import { filters } from "./values/filter.ts";
import { moment } from "./values/moment.ts";

export const events = command({
  summary: "Print what happens, as it happens",
  usage: "",
  operands: { least: 0, most: 0 },
  flags: {
    filter: {
      type: filters,
      short: "f",
      help: "Only those for which this holds (container=NAME, event=die, …)",
    },
    format: { type: text, help: formatFlag.help },
    since: { type: moment("since"), help: "Also what has happened since then" },
    until: { type: moment("until"), help: "Up to this time" },
  },
});
