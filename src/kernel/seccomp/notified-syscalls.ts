/** Which calls of a profile wait for the answer of a listener (seccomp_unotify(2)). */

import type { Seccomp } from "../../spec/runtime/seccomp.ts";

/**
 * The names with the action SCMP_ACT_NOTIFY, each once. Whoever installs the filter must not make these calls
 * until the listener's fd has left the process: nobody would answer.
 */
export function notifiedSyscalls(profile: Seccomp): readonly string[] {
  const entries = (profile.syscalls ?? []).filter(({ action }) => action === "SCMP_ACT_NOTIFY");
  return [...new Set(entries.flatMap(({ names }) => names))];
}
