import { command } from "../flags/command.ts";
import { pairs, text } from "../flags/types/text.ts";
import { toggle } from "../flags/types/toggle.ts";
import { formatFlag, listFormatFlag } from "./format.ts";

const docker = {
  type: pairs,
  help: "Where the engine is, and how to be let in: host=URL, ca=FILE, cert=FILE, key=FILE, skip-tls-verify=true, from=CONTEXT",
} as const;

const description = { type: text, help: "What to remember it by" } as const;

export const contextCreate = command({
  summary: "Give an engine a name",
  usage: "CONTEXT",
  operands: { least: 1, most: 1 },
  flags: { description, docker, from: { type: text, help: "Copy another context" } },
});

export const contextExport = command({
  summary: "Write a context to an archive, keys and all",
  usage: "CONTEXT [FILE|-]",
  operands: { least: 1, most: 2 },
  flags: {},
});

export const contextImport = command({
  summary: "Read a context from an archive",
  usage: "CONTEXT FILE|-",
  operands: { least: 2, most: 2 },
  flags: {},
});

export const contextInspect = command({
  summary: "Print everything about contexts",
  usage: "[CONTEXT] [CONTEXT...]",
  operands: { least: 0 },
  flags: { format: formatFlag },
});

export const contextLs = command({
  summary: "List contexts",
  usage: "",
  operands: { least: 0, most: 0 },
  flags: { format: listFormatFlag, quiet: { type: toggle, short: "q", help: "Print names only" } },
});

export const contextRm = command({
  summary: "Forget contexts",
  usage: "CONTEXT [CONTEXT...]",
  operands: { least: 1 },
  flags: { force: { type: toggle, short: "f", help: "Also the one that is in use" } },
});

export const contextShow = command({
  summary: "Print the name of the context in use",
  usage: "",
  operands: { least: 0, most: 0 },
  flags: {},
});

export const contextUpdate = command({
  summary: "Change a context",
  usage: "CONTEXT",
  operands: { least: 1, most: 1 },
  flags: { description, docker },
});

export const contextUse = command({
  summary: "Use a context from now on, where nothing else is said",
  usage: "CONTEXT",
  operands: { least: 1, most: 1 },
  flags: {},
});
