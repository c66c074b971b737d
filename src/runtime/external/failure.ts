/** What another runtime says of its failure, as brig's own would have said it. */

import { BrigError, type ErrorKind } from "../../base/errors.ts";

/** From the text of the runtime's log; undefined where it says nothing. */
export function runtimeFailure(log: string, command: string): BrigError | undefined {
  const message = log
    .split("\n")
    .map(errorOf)
    .findLast((text) => text !== undefined);
  if (message === undefined) return undefined;
  const reason = reasons.find(
    ([pattern, , named]) => pattern.test(message) && (!named || message.includes(command)),
  );
  if (!reason)
    return new BrigError("internal", `cannot start the container: ${message}`, { code: "runtime" });
  const [, kind] = reason;
  const text =
    kind === "command-not-executable"
      ? message.replace(/^.*: /s, "").toLowerCase()
      : command.includes("/")
        ? "no such file or directory"
        : "executable file not found in $PATH";
  return new BrigError(kind, `cannot execute ${JSON.stringify(command)}: ${text}`);
}

/** As Docker reads them: what is missing must be the command, and not a file that is to be mounted. */
const reasons: readonly (readonly [pattern: RegExp, kind: ErrorKind, named: boolean])[] = [
  [/executable file .*not found/i, "command-not-found", false],
  [/no such file or directory/i, "command-not-found", true],
  [/permission denied|is a directory|exec format error/i, "command-not-executable", true],
  // crun, which does not name it.
  [/^open executable: /, "command-not-executable", false],
];

/** A line of the log: {"level": "error", "msg": …}. */
function errorOf(line: string): string | undefined {
  try {
    const { level, msg } = JSON.parse(line) as { readonly level?: unknown; readonly msg?: unknown };
    return (level === "error" || level === "fatal") && typeof msg === "string" ? msg.trim() : undefined;
  } catch {
    return undefined;
  }
}
