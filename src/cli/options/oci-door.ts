import { command } from "../flags/command.ts";

/** The arguments are another command line, read with `ociProgram`. */
export const oci = command({
  summary: "The OCI runtime alone, with runc's commands and flags",
  usage: "[OPTIONS] COMMAND [ARG...]",
  operands: { least: 0 },
  flags: {},
  raw: true,
});
