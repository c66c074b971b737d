import { command } from "../flags/command.ts";

export const port = command({
  summary: "List where a container's ports are published",
  usage: "CONTAINER [PORT[/PROTOCOL]]",
  operands: { least: 1, most: 2 },
  flags: {},
});
