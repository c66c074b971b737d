/**
 * Compiles the seccomp section of a runtime-spec config to a filter (seccomp(2), config-linux.md#seccomp).
 *
 * The answers are those of runc with libseccomp: programs of ABIs outside `architectures` are killed; where the default
 * action denies, a call newer than all the profile names gets ENOSYS, so that C libraries fall back to older calls.
 *
 * Shape of the program: arch → number → binary search over runs of numbers with the same verdict → arguments. Calls
 * whose verdict is constant look at no argument, so that the kernel (since 5.11) answers "allow" from its bitmap.
 */

import { BrigError } from "../../base/errors.ts";
import type { Seccomp } from "../../spec/runtime/seccomp.ts";
import type { Architecture } from "../syscalls.ts";
import { type Abi, allowedAbis, auditX86_64, x32Bit } from "./abis.ts";
import { answerOf, enosysAnswer, isPermissive, killThread } from "./actions.ts";
import { FilterAssembler, type Target } from "./assembler.ts";
import { emitCondition } from "./conditions.ts";
import { filterFlags } from "./flags.ts";
import { notifiedSyscalls } from "./notified-syscalls.ts";
import { type Verdict, verdictsOf } from "./verdicts.ts";

export interface SeccompFilter {
  /** An array of struct sock_filter, ready for struct sock_fprog. */
  readonly program: Uint8Array;
  /** SECCOMP_FILTER_FLAG_* bits for seccomp(2). */
  readonly flags: number;
  /** Installing the filter returns a notification fd that must reach `listenerPath`. */
  readonly listener: boolean;
}

export function compileSeccomp(profile: Seccomp, host: Architecture): SeccompFilter {
  const listener = notifiedSyscalls(profile).length > 0;
  if (profile.defaultAction === "SCMP_ACT_NOTIFY")
    throw new BrigError(
      "invalid",
      "cannot compile seccomp profile: SCMP_ACT_NOTIFY cannot be the default action; name the calls to notify",
    );
  const abis = allowedAbis(profile.architectures ?? [], host);
  const audits = [...new Set(abis.map((abi) => abi.audit))].reverse();
  const program = new FilterAssembler();
  // The program is written from its end: the host's own ABI comes last here and first when it runs.
  const sections = audits.map((audit) => {
    const runs = runsOf(
      profile,
      abis.filter((abi) => abi.audit === audit),
    );
    return { audit, entry: emitSearch(program, runs) };
  });
  let entry: Target = { kind: "answer", value: killThread };
  for (const section of sections) entry = program.jump("jeq", section.audit, section.entry, entry);
  entry = program.load(archOffset);
  return { program: program.finish(entry), flags: filterFlags(profile.flags, listener), listener };
}

/** Offsets in struct seccomp_data. */
const numberOffset = 0;
const archOffset = 4;

/** Numbers from `start` up to the next run share a verdict. */
interface Run {
  readonly start: number;
  readonly verdict: Verdict;
  readonly bits: 32 | 64;
}

/** The verdicts of all numbers under one AUDIT_ARCH value, in ascending order, neighbours joined. */
function runsOf(profile: Seccomp, abis: readonly Abi[]): readonly Run[] {
  const fallback = answerOf(profile.defaultAction, profile.defaultErrnoRet);
  const starts = new Map<number, Verdict>();
  for (const abi of abis) {
    const { byNumber, largest } = verdictsOf(profile, abi);
    starts.set(abi.first, constant(fallback));
    if (largest !== undefined && !isPermissive(fallback)) starts.set(largest + 1, constant(enosysAnswer));
    if (abi.last < lastNumber) starts.set(abi.last + 1, constant(fallback));
    for (const [number, verdict] of byNumber) starts.set(number, verdict);
    for (const number of byNumber.keys()) {
      if (number < lastNumber && !starts.has(number + 1)) starts.set(number + 1, constant(fallback));
    }
  }
  if (abis.some((abi) => abi.audit === auditX86_64) && !abis.some((abi) => abi.first === x32Bit)) {
    starts.set(x32Bit, constant(killThread));
    // A tracer that skips a call sets its number to -1 before the filter runs again.
    starts.set(lastNumber, constant(fallback));
  }
  const bits = abis[0]!.wordBits;
  const runs: Run[] = [];
  for (const [start, verdict] of [...starts].sort(([a], [b]) => a - b)) {
    if (!same(runs.at(-1)?.verdict, verdict)) runs.push({ start, verdict, bits });
  }
  return runs;
}

const lastNumber = 0xffff_ffff;

function constant(answer: number): Verdict {
  return { rules: [], otherwise: answer };
}

function same(a: Verdict | undefined, b: Verdict): boolean {
  return a !== undefined && a.rules.length === 0 && b.rules.length === 0 && a.otherwise === b.otherwise;
}

function emitSearch(program: FilterAssembler, runs: readonly Run[]): Target {
  const entry = emitTree(program, runs);
  return entry.kind === "answer" ? entry : program.load(numberOffset);
}

function emitTree(program: FilterAssembler, runs: readonly Run[]): Target {
  if (runs.length === 1) return emitVerdict(program, runs[0]!);
  const middle = runs.length >> 1;
  const right = emitTree(program, runs.slice(middle));
  const left = emitTree(program, runs.slice(0, middle));
  return program.jump("jge", runs[middle]!.start, right, left);
}

function emitVerdict(program: FilterAssembler, { verdict, bits }: Run): Target {
  let next: Target = { kind: "answer", value: verdict.otherwise };
  for (const { conditions, answer } of verdict.rules.toReversed()) {
    const miss = next;
    next = { kind: "answer", value: answer };
    for (const condition of conditions.toReversed())
      next = emitCondition(program, condition, bits, next, miss);
  }
  return next;
}
