import { command } from "../flags/command.ts";

export const systemRelease = command({
  summary: "Take off the host what brig keeps there while no container runs",
  usage: "",
  operands: { least: 0, most: 0 },
  flags: {},
});
