import { command } from "../flags/command.ts";
import { text } from "../flags/types/text.ts";
import { toggle } from "../flags/types/toggle.ts";

/** Flags before the name of a command. */
export const globalFlags = command({
  summary: "",
  usage: "COMMAND [ARG...]",
  operands: { least: 0 },
  interspersed: false,
  flags: {
    root: { type: text, help: "Where brig keeps its state (BRIG_ROOT; /var/lib/brig)" },
    runRoot: { type: text, help: "Where sockets are (BRIG_RUN_ROOT; /run/brig)" },
    version: { type: toggle, short: "v", help: "Print the version" },
  },
});

export interface Roots {
  readonly root: string;
  readonly runRoot: string;
}

/** Flags before environment before defaults. */
export function resolveRoots(
  options: { readonly root: string | undefined; readonly runRoot: string | undefined },
  environment: Readonly<Record<string, string | undefined>>,
): Roots {
  return {
    root: options.root || environment.BRIG_ROOT || "/var/lib/brig",
    runRoot: options.runRoot || environment.BRIG_RUN_ROOT || "/run/brig",
  };
}
