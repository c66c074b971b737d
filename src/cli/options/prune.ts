import { command } from "../flags/command.ts";
import { toggle } from "../flags/types/toggle.ts";
import { filters } from "./values/filter.ts";

const filter = { type: filters, help: "Only those for which KEY=VALUE holds (label, label!, until)" };
const force = { type: toggle, short: "f", help: "Do not ask" } as const;
const nothing = { usage: "", operands: { least: 0, most: 0 } } as const;

export const containerPrune = command({
  summary: "Remove all containers that do not run",
  ...nothing,
  flags: { filter, force },
});

export const imagePrune = command({
  summary: "Remove images that no container has",
  ...nothing,
  flags: { all: { type: toggle, short: "a", help: "Also those that have names" }, filter, force },
});

export const volumePrune = command({
  summary: "Remove anonymous volumes that no container has",
  ...nothing,
  flags: {
    all: { type: toggle, short: "a", help: "Also those that have names" },
    filter: { type: filters, help: "Only those for which KEY=VALUE holds (label, label!)" },
    force,
  },
});

export const networkPrune = command({
  summary: "Remove networks that no container is in",
  ...nothing,
  flags: { filter, force },
});

export const systemPrune = command({
  summary: "Remove whatever nothing needs",
  ...nothing,
  flags: {
    all: { type: toggle, short: "a", help: "Also images that have names, if no container has them" },
    filter,
    force,
    volumes: { type: toggle, help: "Also anonymous volumes" },
  },
});
