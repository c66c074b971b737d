/**
 * The verdicts of all numbers under one AUDIT_ARCH_* value as runs: stretches of numbers that share a
 * verdict.
 *
 * Numbers that the profile does not name get its default action; above the largest one it names, where the
 * default denies, ENOSYS (runc's rule: such a call is newer than the profile, and a C library that learns
 * that it does not exist falls back to an older one, which it does not do for EPERM).
 */

import { type Abi, auditX86_64, x32Bit } from "./abis.ts";
import { enosysAnswer, isPermissive, killThread } from "./actions.ts";
import { type ParsedProfile, type Verdict, verdictsOf } from "./verdicts.ts";

/** Numbers from `start` up to the next run share a verdict. */
export interface Run {
  readonly start: number;
  readonly verdict: Verdict;
}

/**
 * The runs of ABIs that share an AUDIT_ARCH value, which are in the order of their numbers; the first starts
 * at 0.
 */
export function runsOf(profile: ParsedProfile, abis: readonly Abi[]): readonly Run[] {
  const runs: Run[] = [];
  for (const abi of abis) appendAbi(runs, profile, abi);
  if (abis.length === 1 && abis[0]!.audit === auditX86_64) {
    append(runs, x32Bit, constant(killThread));
    // A tracer that skips a call sets its number to -1 before the filter runs again.
    append(runs, lastNumber, constant(profile.fallback));
  }
  return runs;
}

const lastNumber = 0xffff_ffff;

function appendAbi(runs: Run[], profile: ParsedProfile, abi: Abi): void {
  const { byNumber, largest } = verdictsOf(profile, abi);
  const fallback = constant(profile.fallback);
  const newer = largest < 0 || isPermissive(profile.fallback) ? fallback : constant(enosysAnswer);
  const unnamed = (number: number) => (number > largest && number <= abi.last ? newer : fallback);
  let next = abi.first;
  for (const number of Uint32Array.from([
    ...byNumber.keys(),
    Math.max(largest, abi.first),
    abi.last,
  ]).sort()) {
    if (number < next) continue;
    if (number > next) append(runs, next, unnamed(next));
    append(runs, number, byNumber.get(number) ?? unnamed(number));
    next = number + 1;
  }
  if (next <= lastNumber) append(runs, next, fallback);
}

function append(runs: Run[], start: number, verdict: Verdict): void {
  const last = runs.at(-1);
  if (last?.start === start) runs.pop();
  if (!same(runs.at(-1)?.verdict, verdict)) runs.push({ start, verdict });
}

function constant(answer: number): Verdict {
  return { rules: [], otherwise: answer };
}

function same(a: Verdict | undefined, b: Verdict): boolean {
  return a !== undefined && a.rules.length === 0 && b.rules.length === 0 && a.otherwise === b.otherwise;
}
