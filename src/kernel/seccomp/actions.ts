/**
 * What a filter answers for a call: the words of the runtime-spec as SECCOMP_RET_* values (seccomp(2)).
 *
 * The upper half of the value is the action, the lower half its data: an errno, or what a tracer reads.
 */

import { BrigError } from "../../base/errors.ts";
import { quote } from "../../spec/schema/schema.ts";

/**
 * The answer for an action of a profile; EPERM where the profile gives no errno (config-linux.md#seccomp).
 */
export function answerOf(action: string, errnoRet?: number): number {
  const known = actions.get(action);
  if (!known) {
    const words = [...actions.keys()].join(", ");
    throw new BrigError(
      "invalid",
      `cannot compile seccomp profile: unknown action ${quote(action)}; use ${words}`,
    );
  }
  if (errnoRet === undefined) return known.most === 0 ? known.code : known.code + epermNumber;
  // "When the action doesn't support an errno, the runtime MUST print an error and fail."
  if (known.most === 0)
    throw new BrigError(
      "invalid",
      `cannot compile seccomp profile: ${action} takes no errnoRet; leave it out`,
    );
  if (!Number.isInteger(errnoRet) || errnoRet < 0 || errnoRet > known.most) {
    const reason = `errnoRet of ${action} must be from 0 to ${known.most}, not ${errnoRet}`;
    throw new BrigError("invalid", `cannot compile seccomp profile: ${reason}`);
  }
  return known.code + errnoRet;
}

/**
 * True where calls unknown to the profile may go on by default; a tracer answers ENOSYS for them by itself.
 */
export function isPermissive(answer: number): boolean {
  return (answer | 0) >= retTrace; // as the kernel orders actions: KILL_PROCESS is negative
}

export const killThread = 0;
export const enosysAnswer = 0x0005_0000 + 38;
const retTrace = 0x7ff0_0000;
const epermNumber = 1;

/** `most` is the greatest data of the action: the kernel cuts errnos at MAX_ERRNO, tracers read 16 bits. */
const actions: ReadonlyMap<string, { readonly code: number; readonly most: number }> = new Map([
  ["SCMP_ACT_KILL", { code: killThread, most: 0 }],
  ["SCMP_ACT_KILL_THREAD", { code: killThread, most: 0 }],
  ["SCMP_ACT_KILL_PROCESS", { code: 0x8000_0000, most: 0 }],
  ["SCMP_ACT_TRAP", { code: 0x0003_0000, most: 0 }],
  ["SCMP_ACT_ERRNO", { code: 0x0005_0000, most: 4095 }],
  ["SCMP_ACT_NOTIFY", { code: 0x7fc0_0000, most: 0 }],
  ["SCMP_ACT_TRACE", { code: retTrace, most: 0xffff }],
  ["SCMP_ACT_LOG", { code: 0x7ffc_0000, most: 0 }],
  ["SCMP_ACT_ALLOW", { code: 0x7fff_0000, most: 0 }],
]);
