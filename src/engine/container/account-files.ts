/** The process with its ids and HOME, from the account files that a launch or an exec has answered with. */

import type { Answer } from "../../kernel/executor/executor.ts";
import type { Process } from "../../spec/runtime/process.ts";
import { lookUp } from "./accounts.ts";

export function withAccount(
  process: Process,
  user: string,
  groups: readonly string[],
  answers: readonly Answer[],
): Process {
  const file = (name: string) =>
    answers
      .find(({ instruction: i }) => i.kind === "call" && i.name === "read" && i.why.endsWith(name))
      ?.bytes.toString() ?? "";
  const account = lookUp(user, groups, { passwd: file("/etc/passwd"), group: file("/etc/group") });
  const env = process.env ?? [];
  return {
    ...process,
    user: { uid: account.uid, gid: account.gid, additionalGids: [...account.additionalGids] },
    env: env.some((e) => e.startsWith("HOME=")) ? env : [...env, `HOME=${account.home}`],
  };
}
