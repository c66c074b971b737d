/** Flags of seccomp(SECCOMP_SET_MODE_FILTER) (seccomp(2)) from those of a profile. */

import { BrigError } from "../../base/errors.ts";
import { quote } from "../../spec/schema/schema.ts";

/**
 * The flags to install a filter with. A profile without the field gets SPEC_ALLOW, as runc does: before Linux
 * 5.16 a filter would switch the mitigation against speculative store bypass on, which is slow and which
 * nobody asked for.
 */
export function filterFlags(flags: readonly string[] | undefined, listener: boolean): number {
  let bits = flags === undefined ? specAllow : 0;
  for (const flag of flags ?? []) {
    const bit = profileFlags.get(flag);
    if (bit === undefined) {
      const words = [...profileFlags.keys()].join(", ");
      throw new BrigError(
        "invalid",
        `cannot compile seccomp profile: unknown flag ${quote(flag)}; use ${words}`,
      );
    }
    bits |= bit;
  }
  // The kernel refuses WAIT_KILLABLE_RECV without a listener, and TSYNC with one unless errors come as ESRCH.
  if (!listener) return bits & ~waitKillableRecv;
  return bits | newListener | (bits & tsync ? tsyncEsrch : 0);
}

const newListener = 8;
const tsync = 1;
const specAllow = 4;
const tsyncEsrch = 16;
const waitKillableRecv = 32;

const profileFlags: ReadonlyMap<string, number> = new Map([
  ["SECCOMP_FILTER_FLAG_TSYNC", tsync],
  ["SECCOMP_FILTER_FLAG_LOG", 2],
  ["SECCOMP_FILTER_FLAG_SPEC_ALLOW", specAllow],
  ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", waitKillableRecv],
]);
