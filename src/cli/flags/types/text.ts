/** Text and collections of text. */

import type { FlagType } from "../flag.ts";
import { parseCsv } from "./csv.ts";

export const text: FlagType<string, undefined> = {
  word: "string",
  initial: undefined,
  read: (value) => value,
};

/** Each occurrence adds one element, commas and all (Docker's ListOpts, pflag's stringArray). */
export const list: FlagType<readonly string[], readonly string[]> = listOf((value) => value);

/** Each occurrence adds one element that `read` understands. */
export function listOf<Element>(
  read: (value: string) => Element,
  rest: { readonly word?: string; readonly whole?: true } = {},
): FlagType<readonly Element[], readonly Element[]> {
  return { word: "list", initial: [], read: (value, before = []) => [...before, read(value)], ...rest };
}

/** Each occurrence adds comma-separated elements, in quotes where they contain commas (pflag's stringSlice). */
export const strings: FlagType<readonly string[], readonly string[]> = {
  word: "strings",
  initial: [],
  read: (value, before = []) => [...before, ...(value === "" ? [] : parseCsv(value))],
};

/** Each occurrence adds `KEY=VALUE`; without `=` the value is empty (Docker's MapOpts). */
export const map: FlagType<Readonly<Record<string, string>>, Readonly<Record<string, string>>> = {
  word: "map",
  initial: {},
  read: (value, before = {}) => {
    const equals = value.indexOf("=");
    return equals < 0
      ? { ...before, [value]: "" }
      : { ...before, [value.slice(0, equals)]: value.slice(equals + 1) };
  },
};

/** One of a closed set of words. */
export function oneOf<const Word extends string>(
  words: readonly Word[],
  reason: (value: string) => string,
): FlagType<Word, undefined> {
  const read = (value: string): Word => {
    const word = words.find((candidate) => candidate === value);
    if (word === undefined) throw new Error(reason(value));
    return word;
  };
  return { word: "string", initial: undefined, whole: true, read };
}

/** Each occurrence adds comma-separated `KEY=VALUE` (pflag's stringToString). */
export const pairs: FlagType<Readonly<Record<string, string>>, Readonly<Record<string, string>>> = {
  word: "stringToString",
  initial: {},
  read: (value, before = {}) => {
    const added: Record<string, string> = {};
    for (const pair of parseCsv(value)) {
      const equals = pair.indexOf("=");
      if (equals < 0) throw new Error(`${pair} must be formatted as key=value`);
      added[pair.slice(0, equals)] = pair.slice(equals + 1);
    }
    return { ...before, ...added };
  },
};
