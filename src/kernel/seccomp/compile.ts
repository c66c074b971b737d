/**
 * Compiles the seccomp section of a runtime-spec config to a filter (seccomp(2), config-linux.md#seccomp).
 *
 * The answers are those of runc with libseccomp: programs of ABIs outside `architectures` are killed; where
 * the default action denies, a call newer than all the profile names gets ENOSYS, so that C libraries fall
 * back to older calls.
 *
 * Shape of the program: arch → number → binary search over runs of numbers with the same verdict → arguments.
 * Calls whose verdict is constant look at no argument, so that the kernel (since 5.11) answers "allow" from
 * its bitmap.
 */

import { BrigError } from "../../base/errors.ts";
import type { Seccomp } from "../../spec/runtime/seccomp.ts";
import type { Architecture } from "../syscalls.ts";
import { allowedAbis } from "./abis.ts";
import { killThread } from "./actions.ts";
import { FilterAssembler, type Target } from "./assembler.ts";
import { emitCondition } from "./conditions.ts";
import type { SeccompFilter } from "./filter.ts";
import { filterFlags } from "./flags.ts";
import { notifiedSyscalls } from "./notified-syscalls.ts";
import { type Run, runsOf } from "./runs.ts";
import { parseProfile, type Verdict } from "./verdicts.ts";

export function compileSeccomp(profile: Seccomp, host: Architecture): SeccompFilter {
  if (profile.defaultAction === "SCMP_ACT_NOTIFY") {
    const reason = "SCMP_ACT_NOTIFY cannot be the default action; name the calls to notify";
    throw new BrigError("invalid", `cannot compile seccomp profile: ${reason}`);
  }
  const parsed = parseProfile(profile);
  const abis = allowedAbis(profile.architectures ?? [], host);
  const audits = [...new Set(abis.map((abi) => abi.audit))];
  const program = new FilterAssembler();
  let entry: Target = { kind: "answer", value: killThread };
  // The program is written from its end: the host's own ABI comes last here and first when it runs.
  const sections = audits.toReversed().map((audit) => {
    const shared = abis.filter((abi) => abi.audit === audit);
    return { audit, start: emitSearch(program, runsOf(parsed, shared), shared[0]!.wordBits) };
  });
  for (const { audit, start } of sections) entry = program.jump("jeq", audit, start, entry);
  entry = program.load(archOffset);
  const listener = notifiedSyscalls(profile).length > 0;
  return { program: program.finish(entry), flags: filterFlags(profile.flags, listener), listener };
}

/** Offsets in struct seccomp_data. */
const numberOffset = 0;
const archOffset = 4;

function emitSearch(program: FilterAssembler, runs: readonly Run[], bits: 32 | 64): Target {
  const entry = emitTree(program, runs, bits, 0, runs.length);
  return entry.kind === "answer" ? entry : program.load(numberOffset);
}

/** A binary search over the runs from `from` up to `to`. */
function emitTree(
  program: FilterAssembler,
  runs: readonly Run[],
  bits: 32 | 64,
  from: number,
  to: number,
): Target {
  if (to - from === 1) return emitVerdict(program, runs[from]!.verdict, bits);
  const middle = (from + to) >> 1;
  const right = emitTree(program, runs, bits, middle, to);
  const left = emitTree(program, runs, bits, from, middle);
  return program.jump("jge", runs[middle]!.start, right, left);
}

function emitVerdict(program: FilterAssembler, { rules, otherwise }: Verdict, bits: 32 | 64): Target {
  let next: Target = { kind: "answer", value: otherwise };
  for (const { conditions, answer } of rules.toReversed()) {
    const miss = next;
    next = { kind: "answer", value: answer };
    for (const condition of conditions.toReversed()) {
      next = emitCondition(program, condition, bits, next, miss);
    }
  }
  return next;
}
