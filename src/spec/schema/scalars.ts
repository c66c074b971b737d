/** Schemas of single values: text, truth, numbers, and closed sets of words. */

import { described, fail, quote, type Schema } from "./schema.ts";

/** An integer of up to 64 bits: a number where that is exact (|n| < 2^53), else a bigint. */
export type Int64 = number | bigint;

export const text: Schema<string> = described(
  (value, at) => {
    if (typeof value !== "string") fail(at, "must be a string");
    return value;
  },
  () => ({ type: "string" }),
);

/** Text that goes to the kernel, where a NUL would silently end it: "/safe\0/../etc" must not pass as "/safe". */
export const kernelText: Schema<string> = described(
  (value, at) => {
    const checked = text(value, at);
    if (checked.includes("\0")) fail(at, "must not contain a NUL byte");
    return checked;
  },
  () => ({ type: "string", pattern: "^[^\\u0000]*$" }),
);

export const boolean: Schema<boolean> = described(
  (value, at) => {
    if (typeof value !== "boolean") fail(at, "must be true or false");
    return value;
  },
  () => ({ type: "boolean" }),
);

export const uint16 = integer(0, 0xffff);
export const int32 = integer(-0x8000_0000, 0x7fff_ffff);
export const uint32 = integer(0, 0xffff_ffff);
export const int64: Schema<Int64> = wideInteger(-(2n ** 63n), 2n ** 63n - 1n);
export const uint64: Schema<Int64> = wideInteger(0n, 2n ** 64n - 1n);

/** A whole number between two safe integers, both included. */
export function integer(least: number, most: number): Schema<number> {
  const parseInteger = (value: unknown, at: string) => {
    if (typeof value !== "bigint" && !Number.isInteger(value)) fail(at, "must be an integer");
    if ((value as Int64) < least || (value as Int64) > most) fail(at, `must be from ${least} to ${most}`);
    return Number(value) + 0; // "-0" is 0
  };
  return described(parseInteger, () => ({ type: "integer", minimum: least, maximum: most }));
}

/** Any that a number holds exactly. */
export const whole: Schema<number> = integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);

function wideInteger(least: bigint, most: bigint): Schema<Int64> {
  const parseInteger = (value: unknown, at: string) => {
    // A number beyond 2^53 was written with an exponent (all digits would have come as a bigint): not exact.
    if (typeof value !== "bigint" && !Number.isSafeInteger(value)) fail(at, "must be an integer");
    if ((value as Int64) < least || (value as Int64) > most) fail(at, `must be from ${least} to ${most}`);
    return value === 0 ? 0 : (value as Int64); // "-0" is 0
  };
  return described(parseInteger, () => ({ type: "integer", format: least < 0n ? "int64" : "uint64" }));
}

/** One word of a closed set. */
export function oneOf<const W extends readonly string[]>(words: W): Schema<W[number]> {
  const parseWord = (value: unknown, at: string) => {
    const word = text(value, at);
    if (!words.includes(word)) fail(at, `must be one of ${words.join(", ")}; not ${quote(word)}`);
    return word;
  };
  return described(parseWord, () => ({ type: "string", enum: words }));
}
