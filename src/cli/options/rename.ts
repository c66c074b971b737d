import { command } from "../flags/command.ts";

export const rename = command({
  summary: "Give a container another name",
  usage: "CONTAINER NAME",
  operands: { least: 2, most: 2 },
  flags: {},
});
