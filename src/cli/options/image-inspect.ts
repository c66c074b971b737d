import { command } from "../flags/command.ts";
import { formatFlag } from "./format.ts";
import { platform } from "./values/platform.ts";

export const imageInspect = command({
  summary: "Print everything about images",
  usage: "IMAGE [IMAGE...]",
  operands: { least: 1 },
  flags: {
    format: formatFlag,
    platform: { type: platform, help: "The variant for this platform (OS[/ARCH[/VARIANT]])" },
  },
});
