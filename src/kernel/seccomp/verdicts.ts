/**
 * What a profile says of every call of one ABI, as numbers.
 *
 * Rules as runc and libseccomp apply them: names the ABI does not have are ignored; an entry that repeats the
 * default action says nothing; the first entry without arguments decides, whatever entries with arguments
 * say; several arguments of one entry must all match, unless two of them test the same one: then each is an
 * entry of its own. Entries with arguments that overlap and disagree are tried in the order of the profile.
 */

import type { Seccomp, SeccompArg } from "../../spec/runtime/seccomp.ts";
import type { Abi } from "./abis.ts";
import { answerOf } from "./actions.ts";
import { type Condition, parseCondition } from "./conditions.ts";
import { type MultiplexedCall, multiplexedCall } from "./multiplexed-calls.ts";

/** The answer of the first rule whose conditions all hold, else `otherwise`. */
export interface Verdict {
  readonly rules: readonly Rule[];
  readonly otherwise: number;
}

export interface Rule {
  readonly conditions: readonly Condition[];
  readonly answer: number;
}

export interface Verdicts {
  readonly byNumber: ReadonlyMap<number, Verdict>;
  /** The largest number that the profile names with whatever action; -1 when it names none. */
  readonly largest: number;
}

/** The profile's entries in the form that every ABI reads; actions and arguments are checked here. */
export interface ParsedProfile {
  readonly fallback: number;
  readonly entries: readonly ParsedEntry[];
}

interface ParsedEntry {
  readonly names: readonly string[];
  readonly answer: number;
  /**
   * Each is a list of conditions that must all hold; one empty list stands for an entry without arguments.
   */
  readonly alternatives: readonly (readonly Condition[])[];
}

export function parseProfile(profile: Seccomp): ParsedProfile {
  return {
    fallback: answerOf(profile.defaultAction, profile.defaultErrnoRet),
    entries: (profile.syscalls ?? []).map(({ names, action, errnoRet, args }) => ({
      names,
      answer: answerOf(action, errnoRet),
      alternatives: alternativesOf(args ?? []),
    })),
  };
}

export function verdictsOf({ fallback, entries }: ParsedProfile, abi: Abi): Verdicts {
  const verdicts = new VerdictTable(fallback);
  let largest = -1;
  for (const { names, answer, alternatives } of entries) {
    for (const name of names) {
      const number = abi.numberOf(name);
      if (number !== undefined) {
        if (number > largest && number <= abi.last) largest = number;
        for (const conditions of alternatives) verdicts.add(number, conditions, answer);
      }
      const call = abi.multiplexed ? multiplexedCall(name) : undefined;
      const door = call && abi.numberOf(call.through);
      if (!call || door === undefined) continue;
      largest = Math.max(largest, door);
      // Behind the second door no filter sees the arguments: a rule that has conditions on them is dropped
      // there when it grants more than the default, and holds for every call when it grants less.
      if (alternatives[0]!.length > 0 && severity(answer) < severity(fallback)) continue;
      verdicts.add(door, [selects(call)], answer);
    }
  }
  return { byNumber: verdicts.settle(), largest };
}

function alternativesOf(args: readonly SeccompArg[]): readonly (readonly Condition[])[] {
  const conditions = args.map(parseCondition);
  const distinct = new Set(conditions.map(({ index }) => index)).size;
  return distinct === conditions.length ? [conditions] : conditions.map((condition) => [condition]);
}

function selects({ mask, selector }: MultiplexedCall): Condition {
  return { index: 0, operator: "EQ", mask: BigInt(mask), value: BigInt(selector) };
}

/**
 * The kernel's order of actions: of several filters the answer with the smallest signed value counts
 * (seccomp(2)).
 */
function severity(answer: number): number {
  return -(answer | 0);
}

/** Verdicts being made. Nearly all are one constant, so one object per answer serves them. */
class VerdictTable {
  readonly #fallback: number;
  readonly #decided = new Map<number, Verdict>();
  readonly #rules = new Map<number, Rule[]>();
  readonly #constants = new Map<number, Verdict>();

  constructor(fallback: number) {
    this.#fallback = fallback;
  }

  add(number: number, conditions: readonly Condition[], answer: number): void {
    if (answer === this.#fallback || this.#decided.has(number)) return;
    if (conditions.length === 0) {
      this.#decided.set(number, this.#constant(answer));
      return;
    }
    const rules = this.#rules.get(number);
    if (rules) rules.push({ conditions, answer });
    else this.#rules.set(number, [{ conditions, answer }]);
  }

  settle(): ReadonlyMap<number, Verdict> {
    for (const [number, rules] of this.#rules) {
      if (!this.#decided.has(number)) this.#decided.set(number, { rules, otherwise: this.#fallback });
    }
    return this.#decided;
  }

  #constant(answer: number): Verdict {
    const known = this.#constants.get(answer) ?? { rules: [], otherwise: answer };
    this.#constants.set(answer, known);
    return known;
  }
}
