import { command } from "../flags/command.ts";
import { text } from "../flags/types/text.ts";
import { platform } from "./values/platform.ts";

export const save = command({
  summary: "Write images to an archive, for STDOUT or a file",
  usage: "IMAGE [IMAGE...]",
  operands: { least: 1 },
  flags: {
    output: { type: text, short: "o", help: "File to write instead of STDOUT" },
    platform: { type: platform, help: "Only this platform's variant (OS[/ARCH[/VARIANT]])" },
  },
});
