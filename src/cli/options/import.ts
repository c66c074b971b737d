import { command } from "../flags/command.ts";
import { list, text } from "../flags/types/text.ts";
import { platform } from "./values/platform.ts";

export const importImage = command({
  summary: "Make an image from an archive of a root file system",
  usage: "file|URL|- [REPOSITORY[:TAG]]",
  operands: { least: 1 },
  flags: {
    change: { type: list, short: "c", help: "Dockerfile instruction to apply to the image" },
    message: { type: text, short: "m", help: "What the image's history says about it" },
    platform: { type: platform, help: "Platform of the image (OS[/ARCH[/VARIANT]])" },
  },
});
