import { command } from "../flags/command.ts";
import { initially } from "../flags/flag.ts";
import { text } from "../flags/types/text.ts";
import { toggle } from "../flags/types/toggle.ts";
import { moment } from "./values/moment.ts";

export const logs = command({
  summary: "Print what a container has written",
  usage: "CONTAINER",
  operands: { least: 1, most: 1 },
  flags: {
    details: { type: toggle, help: "Also the attributes that came with each line" },
    follow: { type: toggle, short: "f", help: "Go on printing what it writes" },
    since: {
      type: moment("since"),
      help: "From this time on (2013-01-02T13:23:37Z, or 42m for 42 minutes ago)",
    },
    tail: { type: initially(text, "all"), short: "n", help: "Only this many lines from the end" },
    timestamps: { type: toggle, short: "t", help: "Begin each line with its time" },
    until: {
      type: moment("until"),
      help: "Up to this time (2013-01-02T13:23:37Z, or 42m for 42 minutes ago)",
    },
  },
});
