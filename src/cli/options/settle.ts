import { command } from "../flags/command.ts";

/** Called by a shim when its container has ended. */
export const settle = command({
  summary: "Finish the business of a container that has ended",
  usage: "CONTAINER",
  operands: { least: 1, most: 1 },
  flags: {},
  hidden: true,
});
