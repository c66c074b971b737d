import { command } from "../flags/command.ts";
import { formatFlag } from "./format.ts";

export const info = command({
  summary: "Print what brig has and what this host can do",
  usage: "",
  operands: { least: 0, most: 0 },
  flags: { format: formatFlag },
});
