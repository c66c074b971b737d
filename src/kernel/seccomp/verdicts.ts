/**
 * What a profile says of every call of one ABI, as numbers.
 *
 * Rules as runc and libseccomp apply them: names the ABI does not have are ignored; an entry that repeats the default
 * action says nothing; the first entry without arguments decides, whatever entries with arguments say; several
 * arguments of one entry must all match, unless two of them test the same one: then each is an entry of its own.
 * Entries with arguments that overlap and disagree are tried in the order of the profile.
 */

import type { Seccomp, SeccompArg } from "../../spec/runtime/seccomp.ts";
import type { Abi } from "./abis.ts";
import { answerOf } from "./actions.ts";
import { type Condition, parseCondition } from "./conditions.ts";
import { multiplexedCall } from "./multiplexed-calls.ts";

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
  /** The largest number that the profile names with whatever action; undefined when it names none. */
  readonly largest: number | undefined;
}

export function verdictsOf(profile: Seccomp, abi: Abi): Verdicts {
  const fallback = answerOf(profile.defaultAction, profile.defaultErrnoRet);
  const drafts = new Map<number, Draft>();
  let largest: number | undefined;
  for (const { names, action, errnoRet, args } of profile.syscalls ?? []) {
    const answer = answerOf(action, errnoRet);
    const alternatives = alternativesOf(args ?? []);
    for (const name of names) {
      for (const door of doorsOf(name, abi)) {
        if (door.number <= abi.last) largest = Math.max(largest ?? 0, door.number);
        if (answer === fallback) continue;
        for (const conditions of alternatives) {
          const rule = throughDoor(door, { conditions, answer }, fallback);
          if (rule) add(drafts, door.number, rule);
        }
      }
    }
  }
  const byNumber = new Map([...drafts].map(([number, draft]) => [number, settle(draft, fallback)]));
  return { byNumber, largest };
}

interface Draft {
  readonly rules: Rule[];
  decided?: number;
}

/** Each alternative is a list of conditions that must all hold. */
function alternativesOf(args: readonly SeccompArg[]): readonly (readonly Condition[])[] {
  const conditions = args.map(parseCondition);
  const distinct = new Set(conditions.map(({ index }) => index)).size;
  return distinct === conditions.length ? [conditions] : conditions.map((condition) => [condition]);
}

/** A number that a call can be reached by, and what its first argument must be there. */
interface Door {
  readonly number: number;
  readonly selects?: Condition;
}

function doorsOf(name: string, abi: Abi): readonly Door[] {
  const doors: Door[] = [];
  const own = abi.numberOf(name);
  if (own !== undefined) doors.push({ number: own });
  const call = abi.multiplexed ? multiplexedCall(name) : undefined;
  const shared = call && abi.numberOf(call.through);
  if (call && shared !== undefined) {
    const selects: Condition = {
      index: 0,
      operator: "EQ",
      mask: BigInt(call.mask),
      value: BigInt(call.selector),
    };
    doors.push({ number: shared, selects });
  }
  return doors;
}

/**
 * The rule as it holds at a door. Behind a shared number the arguments cannot be checked: a rule that has conditions
 * is dropped there when it grants more than the default, and holds for every call when it grants less.
 */
function throughDoor({ selects }: Door, rule: Rule, fallback: number): Rule | undefined {
  if (!selects) return rule;
  if (rule.conditions.length > 0 && severity(rule.answer) < severity(fallback)) return undefined;
  return { conditions: [selects], answer: rule.answer };
}

function add(drafts: Map<number, Draft>, number: number, rule: Rule): void {
  const draft: Draft = drafts.get(number) ?? { rules: [] };
  drafts.set(number, draft);
  if (rule.conditions.length > 0) draft.rules.push(rule);
  else draft.decided ??= rule.answer;
}

/** The kernel's order of actions: of several filters the answer with the smallest signed value counts (seccomp(2)). */
function severity(answer: number): number {
  return -(answer | 0);
}

function settle({ rules, decided }: Draft, fallback: number): Verdict {
  return decided === undefined ? { rules, otherwise: fallback } : { rules: [], otherwise: decided };
}
