import { command } from "../flags/command.ts";

export const diff = command({
  summary: "Show what a container has changed in its file system",
  usage: "CONTAINER",
  operands: { least: 1, most: 1 },
  flags: {},
});
