import { command } from "../flags/command.ts";
import { text } from "../flags/types/text.ts";
import { toggle } from "../flags/types/toggle.ts";
import { platform } from "./values/platform.ts";

export const load = command({
  summary: "Read images from an archive or STDIN",
  usage: "",
  operands: { least: 0, most: 0 },
  flags: {
    input: { type: text, short: "i", help: "Archive to read instead of STDIN" },
    platform: { type: platform, help: "Only this platform's variant (OS[/ARCH[/VARIANT]])" },
    quiet: { type: toggle, short: "q", help: "Do not print what is loaded" },
  },
});
