/**
 * Which engine a command is for: this host's own, unless a flag, the environment or the context in use names another.
 *
 * DOCKER_HOST and Docker's contexts are not looked at: whoever has set them for Docker's clients may well have named
 * brig's own service, and would lose what only the engine in this process can do; or another host, which a command that
 * was meant for this one must not change.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BrigError } from "../base/errors.ts";

export type Target =
  | { readonly kind: "local" }
  | { readonly kind: "host"; readonly url: string }
  | { readonly kind: "context"; readonly name: string };

/** Said on this command line, not by what is always there. */
export interface Chosen {
  readonly target: Target;
  readonly explicit: boolean;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** The engine of this host, by its name among contexts. */
export const localContext = "default";

/** Flags before the environment before the context in use, as with Docker's client. */
export function targetOf(
  { host, context }: { readonly host: string | undefined; readonly context: string | undefined },
  environment: Environment,
): Chosen {
  if (host && context)
    throw new BrigError("invalid", "conflicting options: cannot specify both --host and --context");
  if (host) return { target: { kind: "host", url: host }, explicit: true };
  if (context) return { target: named(context), explicit: true };
  if (environment.BRIG_HOST) return { target: { kind: "host", url: environment.BRIG_HOST }, explicit: false };
  return { target: named(environment.BRIG_CONTEXT || contextInUse(environment)), explicit: false };
}

function named(name: string): Target {
  return name === localContext ? { kind: "local" } : { kind: "context", name };
}

/** The folder of what a user has told brig. */
export function settingsFolder(environment: Environment): string | undefined {
  if (environment.XDG_CONFIG_HOME?.startsWith("/")) return join(environment.XDG_CONFIG_HOME, "brig");
  return environment.HOME?.startsWith("/") ? join(environment.HOME, ".config/brig") : undefined;
}

/** The file that names the context in use; most users have none. */
export const inUseFile = "context";

export function contextInUse(environment: Environment): string {
  const folder = settingsFolder(environment);
  if (folder === undefined) return localContext;
  try {
    return readFileSync(join(folder, inUseFile), "utf8").trim() || localContext;
  } catch {
    return localContext;
  }
}
