/**
 * Whole numbers in Go's syntax with base 0: `16`, `0x10`, `0o20`, `020`, `0b10000`, `1_000`.
 *
 * The range is checked on the exact value; what is returned is a number, so values beyond 2^53 are rounded.
 */

import { quote } from "../../../docker/text/quote.ts";
import type { FlagType } from "../flag.ts";

export const integer: FlagType<number, undefined> = {
  word: "int",
  initial: undefined,
  read: (value) => parseInteger(value, -(2n ** 63n), 2n ** 63n - 1n),
};

export const unsigned16: FlagType<number, undefined> = {
  word: "uint16",
  initial: undefined,
  read: (value) => parseInteger(value, 0n, 0xffffn),
};

/** The number in `value`; a lower bound of zero forbids a sign, as strconv.ParseUint does. */
export function parseInteger(value: string, least: bigint, most: bigint): number {
  const fail = (reason: string) =>
    new Error(`strconv.${least < 0n ? "ParseInt" : "ParseUint"}: parsing ${quote(value)}: ${reason}`);
  const signed = least < 0n && (value[0] === "-" || value[0] === "+");
  const digits = signed ? value.slice(1) : value;
  const magnitude = parseDigits(digits);
  if (magnitude === undefined) throw fail("invalid syntax");
  const number = value[0] === "-" ? -magnitude : magnitude;
  if (number < least || number > most) throw fail("value out of range");
  return Number(number);
}

/** Unsigned digits with an optional base prefix and single underscores between digits, or undefined. */
export function parseDigits(text: string): bigint | undefined {
  if (/^[1-9](_?[0-9])*$/.test(text)) return BigInt(text.replaceAll("_", ""));
  if (/^0[xX](_?[0-9a-fA-F])+$|^0[bB](_?[01])+$|^0[oO](_?[0-7])+$/.test(text)) {
    return BigInt(text.replaceAll("_", ""));
  }
  return /^0(_?[0-7])*$/.test(text) ? BigInt(`0o0${text.replaceAll("_", "")}`) : undefined;
}
