/** The process with its ids and HOME, from the account files that a launch or an exec has answered with. */

import type { Answer } from "../../kernel/executor/executor.ts";
import type { Process } from "../../spec/runtime/process.ts";
import { type Account, lookUp } from "./accounts.ts";

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
  return ofAccount(process, lookUp(user, groups, { passwd: file("/etc/passwd"), group: file("/etc/group") }));
}

/**
 * Compiles at once for root as nearly every image has it, while the kernel is still at work; what the container's own
 * files say decides whether that can be used.
 */
export function compileAhead<Compiled>(
  process: Process,
  user: string,
  compile: (process: Process) => Compiled,
): (process: Process) => Compiled {
  const likely = roots.has(user) ? ofAccount(process, likelyRoot) : undefined;
  const ahead = likely && attempt(() => compile(likely));
  const same = (actual: Process) =>
    JSON.stringify([actual.user, actual.env]) === JSON.stringify([likely?.user, likely?.env]);
  return (actual) => (ahead && same(actual) ? ahead : compile(actual));
}

const roots: ReadonlySet<string> = new Set(["", "0", "root"]);
const likelyRoot: Account = { uid: 0, gid: 0, additionalGids: [0], home: "/root" };

/** What is wrong with it is said when it is compiled in earnest. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}

function ofAccount(process: Process, account: Account): Process {
  const env = process.env ?? [];
  return {
    ...process,
    user: { uid: account.uid, gid: account.gid, additionalGids: [...account.additionalGids] },
    env: env.some((e) => e.startsWith("HOME=")) ? env : [...env, `HOME=${account.home}`],
  };
}
