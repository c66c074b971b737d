import { command } from "../flags/command.ts";

export const tag = command({
  summary: "Give an image another name",
  usage: "SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]",
  operands: { least: 2, most: 2 },
  flags: {},
});
