/** Commands that are about this host: an engine that is somewhere else cannot do them. */

import { BrigError } from "../base/errors.ts";
import { CommandFailure } from "./commands/context.ts";
import type { Chosen, Target } from "./target.ts";

/**
 * `always`: whoever works with another engine would be told of the wrong one. `said`: programs call them, and what a user
 * has in use is not their business; only that the same line names another engine makes no sense.
 */
const commands: Readonly<Record<string, "always" | "said">> = {
  explain: "always",
  systemCheck: "always",
  systemRelease: "always",
  oci: "said",
  service: "said",
  settle: "said",
};

const exit = 125;

/** The engine that the command works with. Throws where it is for this host and another one was named. */
export function targetFor(name: string, { target, explicit }: Chosen): Target {
  const when = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (target.kind === "local" || when === undefined) return target;
  if (when === "said" && !explicit) return { kind: "local" };
  const elsewhere = target.kind === "host" ? target.url : `context ${target.name}`;
  throw new CommandFailure(
    new BrigError(
      "unsupported",
      `this command is for the engine of this host, not for one that is elsewhere (${elsewhere}); use --context default`,
      { code: "local-only" },
    ),
    exit,
  );
}
