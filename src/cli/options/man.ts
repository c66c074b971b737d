import { command } from "../flags/command.ts";

export const man = command({
  summary: "Write the manual pages into a folder",
  usage: "FOLDER",
  operands: { least: 1, most: 1 },
  flags: {},
  hidden: true,
});
