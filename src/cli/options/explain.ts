import { command } from "../flags/command.ts";
import { oneOf } from "../flags/types/text.ts";

const format = oneOf(["text", "json"], (text) => `invalid format: '${text}': must be "text" or "json"`);

/** The operands are those of the command to explain; whoever handles it resolves them again. */
export const explain = command({
  summary: "Print the system calls that a run would make, each with its reason",
  usage: "run [OPTIONS] IMAGE [COMMAND] [ARG...]",
  operands: { least: 1 },
  interspersed: false,
  flags: { format: { type: format, help: "How to print it (text, json)" } },
});
