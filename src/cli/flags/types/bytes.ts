/** Amounts of memory: `512`, `64m`, `1.5GiB`, in powers of 1024 (go-units RAMInBytes). */

import { quote } from "../../../docker/text/quote.ts";
import type { FlagType } from "../flag.ts";

export const bytes: FlagType<number, undefined> = { word: "bytes", initial: undefined, read: parseSize };

/** Memory plus swap, where -1 lifts the limit. */
export const swapBytes: FlagType<number, undefined> = {
  word: "bytes",
  initial: undefined,
  read: (value) => (value === "-1" ? -1 : parseSize(value)),
};

const powers = "kmgtp";

export function parseSize(value: string): number {
  const last = lastDigit(value);
  if (last < 0) throw new Error(`invalid size: '${value}'`);
  const [amount, suffix] =
    value[last + 1] === " "
      ? [value.slice(0, last + 1), value.slice(last + 2)]
      : [value.slice(0, last + 1), value.slice(last + 1)];
  const number = parseAmount(amount);
  if (number < 0) throw new Error(`invalid size: '${value}'`);
  return Math.trunc(number * 1024 ** powerOf(suffix));
}

/** The last place a number can end at: a digit or a decimal point; what follows is the unit. */
function lastDigit(value: string): number {
  let at = value.length - 1;
  while (at >= 0 && !"0123456789.".includes(value[at]!)) at--;
  return at;
}

function parseAmount(amount: string): number {
  if (!/^[+-]?(\d(_?\d)*)?(\.(\d(_?\d)*)?)?([eE][+-]?\d+)?$/.test(amount) || !/\d/.test(amount)) {
    throw new Error(`strconv.ParseFloat: parsing ${quote(amount)}: invalid syntax`);
  }
  return Number(amount.replaceAll("_", ""));
}

function powerOf(suffix: string): number {
  const lower = suffix.toLowerCase();
  if (lower === "" || lower === "b") return 0;
  const power = powers.indexOf(lower[0]!) + 1;
  if (power === 0 || !["", "b", "ib"].includes(lower.slice(1)))
    throw new Error(`invalid suffix: '${suffix}'`);
  return power;
}
