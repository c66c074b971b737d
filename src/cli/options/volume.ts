import { command } from "../flags/command.ts";
import { initially } from "../flags/flag.ts";
import { map, text } from "../flags/types/text.ts";
import { toggle } from "../flags/types/toggle.ts";
import { formatFlag, listFormatFlag } from "./format.ts";
import { filters } from "./values/filter.ts";
import { labelList } from "./values/label.ts";

export const volumeCreate = command({
  summary: "Make a volume",
  usage: "[VOLUME]",
  operands: { least: 0, most: 1 },
  flags: {
    driver: { type: initially(text, "local"), short: "d", help: "What keeps the files" },
    label: { type: labelList, help: "Attach a label (KEY=VALUE)" },
    name: { type: text, help: "Name of the volume" },
    opt: { type: map, short: "o", help: "Option of the driver" },
  },
  refused: {
    "volumes of clusters are not implemented": [
      "availability",
      "group",
      "limit-bytes",
      "required-bytes",
      "scope",
      "secret",
      "sharing",
      "topology-preferred",
      "topology-required",
      "type",
    ],
  },
});

export const volumeInspect = command({
  summary: "Print everything about volumes",
  usage: "VOLUME [VOLUME...]",
  operands: { least: 1 },
  flags: { format: formatFlag },
});

export const volumeLs = command({
  summary: "List volumes",
  usage: "",
  operands: { least: 0, most: 0 },
  flags: {
    filter: { type: filters, short: "f", help: "Only those for which KEY=VALUE holds" },
    format: listFormatFlag,
    quiet: { type: toggle, short: "q", help: "Print names only" },
  },
  refused: { "volumes of clusters are not implemented": ["cluster"] },
});

export const volumeRm = command({
  summary: "Remove volumes that no container has",
  usage: "VOLUME [VOLUME...]",
  operands: { least: 1 },
  flags: { force: { type: toggle, short: "f", help: "One that is not there is as good as removed" } },
});
