/** Why a container could not be started: of a command that cannot be executed Docker tells by its words alone. */

import { BrigError, type ErrorKind } from "../base/errors.ts";

/** As Docker's client reads them for the exit codes 127 and 126. */
const kinds: readonly (readonly [pattern: RegExp, kind: ErrorKind])[] = [
  [/executable file not found|no such file or directory|command not found/i, "command-not-found"],
  [/permission denied|is a directory|exec format error|not a directory/i, "command-not-executable"],
];

export function startFailure(error: unknown): unknown {
  if (!(error instanceof BrigError) || (error.kind !== "invalid" && error.kind !== "internal")) return error;
  const kind = kinds.find(([pattern]) => pattern.test(error.message))?.[1];
  return kind === undefined ? error : new BrigError(kind, error.message, { cause: error });
}
