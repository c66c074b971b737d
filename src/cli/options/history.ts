import { command } from "../flags/command.ts";
import { initially } from "../flags/flag.ts";
import { toggle } from "../flags/types/toggle.ts";
import { listFormatFlag } from "./format.ts";

export const history = command({
  summary: "Show the steps that an image was made of",
  usage: "IMAGE",
  operands: { least: 1, most: 1 },
  flags: {
    format: listFormatFlag,
    human: { type: initially(toggle, true), short: "H", help: "Sizes and times in words" },
    noTrunc: { type: toggle, help: "Do not shorten anything" },
    quiet: { type: toggle, short: "q", help: "Print ids only" },
  },
});
