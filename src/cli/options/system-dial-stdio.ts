import { command } from "../flags/command.ts";

export const systemDialStdio = command({
  summary: "Connect stdin and stdout with the engine's API, for a client that comes by ssh",
  usage: "",
  operands: { least: 0, most: 0 },
  flags: {},
  hidden: true,
});
