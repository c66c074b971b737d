import { command } from "../flags/command.ts";
import { toggle } from "../flags/types/toggle.ts";

export const rmi = command({
  summary: "Remove images",
  usage: "IMAGE [IMAGE...]",
  operands: { least: 1 },
  flags: {
    force: {
      type: toggle,
      short: "f",
      help: "Even if it has other names or is in use by a stopped container",
    },
    noPrune: { type: toggle, help: "Keep untagged parents" },
  },
  refused: { "single platforms of an image cannot be removed yet": ["platform"] },
});
