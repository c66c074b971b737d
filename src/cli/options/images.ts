import { command } from "../flags/command.ts";
import { toggle } from "../flags/types/toggle.ts";
import { listFormatFlag } from "./format.ts";
import { filters } from "./values/filter.ts";

export const images = command({
  summary: "List images",
  usage: "[REPOSITORY[:TAG]]",
  operands: { least: 0, most: 1 },
  flags: {
    all: { type: toggle, short: "a", help: "Also intermediate images" },
    digests: { type: toggle, help: "Also their digests" },
    filter: { type: filters, short: "f", help: "Only those for which KEY=VALUE holds" },
    format: listFormatFlag,
    noTrunc: { type: toggle, help: "Do not shorten anything" },
    quiet: { type: toggle, short: "q", help: "Print ids only" },
  },
  refused: { "trees of platforms are not implemented": ["tree"] },
});
