/**
 * Types of D-Bus and the values that stand for them here (D-Bus Specification, "Type System"):
 *
 *   y n q i u d   number          b   boolean          v       Variant
 *   x t           bigint          s o g   string       a( ) {} a list of the elements
 */

import { BrigError } from "../../base/errors.ts";

export type Value = boolean | number | bigint | string | Variant | readonly Value[];

/** A value that says what type it has. */
export interface Variant {
  readonly signature: string;
  readonly value: Value;
}

export function variant(signature: string, value: Value): Variant {
  return { signature, value };
}

/** Where each type begins, in bytes from the start of the message. */
// biome-ignore format: a table
const alignments: Readonly<Record<string, number>> = {
  y: 1, g: 1, v: 1,  n: 2, q: 2,  b: 4, i: 4, u: 4, s: 4, o: 4, a: 4,  x: 8, t: 8, d: 8, "(": 8, "{": 8,
};

export function alignmentOf(type: string): number {
  return alignments[type[0]!]!;
}

/** "ia(sv)s" → "i", "a(sv)", "s" */
export function completeTypes(signature: string): readonly string[] {
  const types: string[] = [];
  for (let at = 0; at < signature.length; ) {
    const end = endOfType(signature, at);
    types.push(signature.slice(at, end));
    at = end;
  }
  return types;
}

/** "(sv)" or "{sv}" → "s", "v" */
export function memberTypes(type: string): readonly string[] {
  return completeTypes(type.slice(1, -1));
}

/** The specification's limits are 32 for arrays and 32 for structures. */
const depthMax = 64;

function endOfType(signature: string, at: number, depth = 0): number {
  const letter = signature[at];
  const close = letter === "(" ? ")" : letter === "{" ? "}" : undefined;
  if (letter === undefined || !(letter in alignments) || depth > depthMax) throw malformed(signature);
  if (letter === "a") return endOfType(signature, at + 1, depth + 1);
  if (close === undefined) return at + 1;
  let end = at + 1;
  while (signature[end] !== close) end = endOfType(signature, end, depth + 1);
  return end + 1;
}

function malformed(signature: string): BrigError {
  return new BrigError("invalid", `cannot use the D-Bus signature ${JSON.stringify(signature)}: malformed`);
}
