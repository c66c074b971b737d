import { command } from "../flags/command.ts";
import { toggle } from "../flags/types/toggle.ts";
import { listFormatFlag } from "./format.ts";

export const systemDf = command({
  summary: "Show what takes the space",
  usage: "",
  operands: { least: 0, most: 0 },
  flags: {
    format: listFormatFlag,
    verbose: { type: toggle, short: "v", help: "Show each image, container and volume" },
  },
});
