/**
 * JSON text to values and back without losing the last bits of 64-bit integers.
 *
 * Invariants: an integer literal beyond 2^53 becomes a bigint, and a bigint is written as an integer literal;
 * of a duplicate key the last value counts, as for Go's decoder; nothing but `BrigError` is thrown.
 */

import { BrigError, messageOf } from "../../base/errors.ts";
import { fail, type Schema } from "./schema.ts";

/** Parses a document; `name` is what errors call it, e.g. "config.json"; `limit` is its greatest length in characters. */
export function parseJson<T>(schema: Schema<T>, json: string, name: string, limit: number): T {
  const at = `${name}:`;
  if (json.length > limit) fail(at, `must not be longer than ${limit} characters`);
  return schema(decode(json, at), at);
}

/** The value as JSON; undefined fields are left out. */
export function formatJson(value: unknown, indent?: string): string {
  return JSON.stringify(
    value,
    (_key, entry) => (typeof entry === "bigint" ? sources.rawJSON(String(entry)) : entry),
    indent,
  );
}

/** 2^53 has 16 digits; texts without so long a run of digits (nearly all) take the fast path. */
const longNumber = /\d{16}/;
/** No wider than 64 bits can be: BigInt takes quadratic time, and a hostile literal may have millions of digits. */
const integerLiteral = /^-?\d{16,20}$/;

function decode(json: string, at: string): unknown {
  try {
    return longNumber.test(json) ? JSON.parse(json, exactIntegers) : JSON.parse(json);
  } catch (cause) {
    // The reviver recurses: a hostile depth ends in a RangeError, not in a crash.
    const reason =
      cause instanceof RangeError ? "is nested too deeply" : `is not valid JSON: ${oneLine(cause)}`;
    throw new BrigError("invalid", `${at} ${reason}`, { cause });
  }
}

function exactIntegers(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const source = context?.source;
  return source !== undefined && integerLiteral.test(source) ? BigInt(source) : value;
}

/** The engine's words quote the input, which may hold control characters. */
function oneLine(cause: unknown): string {
  return messageOf(cause).replace(/[\x00-\x1f\x7f-\x9f]+/g, " ");
}

/** ES2026 "JSON.parse source text access", in Node 21 and Bun 1.2 and later; missing in the compiler's library. */
const sources = JSON as unknown as { rawJSON(text: string): unknown };
