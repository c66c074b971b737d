import { quote } from "../../docker/text/quote.ts";
import { command } from "../flags/command.ts";
import { oneOf } from "../flags/types/text.ts";
import { toggle } from "../flags/types/toggle.ts";
import { formatFlag } from "./format.ts";

const types = ["container", "image", "network", "volume"] as const;
const type = oneOf(
  types,
  (text) => `unknown type: ${quote(text)}: must be one of ${types.map(quote).join(", ")}`,
);

export const inspect = command({
  summary: "Print everything about containers, images, networks or volumes",
  usage: "NAME|ID [NAME|ID...]",
  operands: { least: 1 },
  flags: {
    format: formatFlag,
    size: { type: toggle, short: "s", help: "Also the size of a container's files" },
    type: { type, help: "Look only among containers, images, networks or volumes" },
  },
});

export const containerInspect = command({
  summary: "Print everything about containers",
  usage: "CONTAINER [CONTAINER...]",
  operands: { least: 1 },
  flags: {
    format: formatFlag,
    size: { type: toggle, short: "s", help: "Also the size of their files" },
  },
});
