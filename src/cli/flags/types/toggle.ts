/** Switches: `--tty`, `--tty=false`. */

import type { FlagType } from "../flag.ts";
import { quote } from "../quote.ts";

/** The spellings of Go's strconv.ParseBool. */
const spellings: Readonly<Record<string, boolean>> = {
  "1": true,
  t: true,
  T: true,
  TRUE: true,
  true: true,
  True: true,
  "0": false,
  f: false,
  F: false,
  FALSE: false,
  false: false,
  False: false,
};

export function parseToggle(text: string): boolean {
  const value = Object.hasOwn(spellings, text) ? spellings[text] : undefined;
  if (value === undefined) throw new Error(`strconv.ParseBool: parsing ${quote(text)}: invalid syntax`);
  return value;
}

export const toggle: FlagType<boolean, boolean> = {
  word: "",
  initial: false,
  bare: "true",
  read: parseToggle,
};

/** A switch that counts how often it is given: `-vvv`. */
export const count: FlagType<number, number> = {
  word: "count",
  initial: 0,
  bare: "+1",
  read: (text, before = 0) => (text === "+1" ? before + 1 : Number.parseInt(text, 10)),
};
