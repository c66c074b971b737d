import { command } from "../flags/command.ts";
import { text } from "../flags/types/text.ts";
import { toggle } from "../flags/types/toggle.ts";

export const systemCheck = command({
  summary: "Find what brig has left behind or lost, and mend it",
  usage: "",
  operands: { least: 0, most: 0 },
  flags: {
    deep: { type: toggle, help: "Also read every blob of every image" },
    format: {
      type: text,
      help: "How to print a finding:\n'json':     as JSON, a line each\n'TEMPLATE': through a Go template",
    },
    repair: { type: toggle, help: "Mend what is found" },
  },
});
