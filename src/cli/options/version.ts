import { command } from "../flags/command.ts";
import { formatFlag } from "./format.ts";

export const version = command({
  summary: "Print the version of brig",
  usage: "",
  operands: { least: 0, most: 0 },
  flags: { format: formatFlag },
});
