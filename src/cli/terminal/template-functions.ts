/** The functions that templates call: Go's and Docker's, those that lists and documents need, and how many values each takes. */

import { BrigError } from "../../base/errors.ts";
import { formatJson } from "../../spec/schema/json.ts";
import { invalid, type Node, type Pipe } from "./template-parse.ts";

// biome-ignore lint/suspicious/noExplicitAny: a template gives whatever it gives
type Act = (...values: any[]) => unknown;

export const functions: Readonly<Record<string, Act>> = {
  json: (value) => formatJson(value),
  join: (list: unknown[] | null, separator: string) => (list ?? []).map(plain).join(separator),
  split: (text: string, separator: string) => text.split(separator),
  lower: (text) => plain(text).toLowerCase(),
  upper: (text) => plain(text).toUpperCase(),
  title: (text) => plain(text).replace(/\b[a-z]/g, (letter) => letter.toUpperCase()),
  truncate: (text, length: number) => plain(text).slice(0, length),
  pad: (text: string, before: number, after: number) =>
    text === "" ? text : " ".repeat(before) + text + " ".repeat(after),
  println: (...values) => `${values.map(plain).join(" ")}\n`,
  print: (...values) => values.map(plain).join(""),
  len: (value) => (typeof value === "string" ? Buffer.byteLength(value) : Object.keys(value ?? {}).length),
  index: (value, ...keys: (string | number)[]) => keys.reduce<unknown>(elementOf, value),
  not: (value) => !isTrue(value),
  and: (...values) =>
    values[
      last(
        values.findIndex((value) => !isTrue(value)),
        values,
      )
    ],
  or: (...values) => values[last(values.findIndex(isTrue), values)],
  eq: (value, ...others) => others.includes(value),
  ne: (value, other) => value !== other,
  lt: (value, other) => value < other,
  le: (value, other) => value <= other,
  gt: (value, other) => value > other,
  ge: (value, other) => value >= other,
};

/** At least so many values for those that take any number of more; the others take what they name. */
const variadic: Readonly<Record<string, number>> = { println: 0, print: 0, index: 1, and: 1, or: 1, eq: 2 };

/** Throws for functions that do not exist, or have too few or too many values, wherever they are called. */
export function checkCalls(nodes: readonly Node[]): void {
  for (const node of nodes) {
    if (node.kind === "text") continue;
    checkPipe(node.pipe);
    if (node.kind === "print") continue;
    checkCalls(node.body);
    checkCalls(node.otherwise);
  }
}

function checkPipe(pipe: Pipe): void {
  for (const [place, [first, ...rest]] of pipe.entries()) {
    if (first.kind === "function") checkCall(first.name, rest.length + (place > 0 ? 1 : 0));
    for (const operand of rest) if (operand.kind === "function") checkCall(operand.name, 0);
    for (const operand of [first, ...rest]) if (operand.kind === "pipe") checkPipe(operand.pipe);
  }
}

function checkCall(name: string, count: number): void {
  if (!Object.hasOwn(functions, name)) throw invalid(`function "${name}" is not supported`);
  const least = variadic[name] ?? functions[name]!.length;
  if (count < least || (count > least && !Object.hasOwn(variadic, name)))
    throw invalid(`wrong number of values for ${name}: ${count}`);
}

/** The place that was found, or the last one. */
function last(found: number, values: readonly unknown[]): number {
  return found < 0 ? values.length - 1 : found;
}

/** A key that a record does not have gives nothing; a place that a list does not have is an error. */
function elementOf(value: unknown, key: string | number): unknown {
  if (Array.isArray(value) && !(Number(key) in value))
    throw new BrigError("invalid", `cannot print with the format: index out of range: ${key}`);
  const record = (value ?? {}) as Record<string | number, unknown>;
  const found = Object.hasOwn(record, key) ? record[key] : undefined;
  return found === undefined ? "" : found;
}

export function isTrue(value: unknown): boolean {
  return typeof value === "object" && value !== null ? Object.keys(value).length > 0 : Boolean(value);
}

export function sortedEntries(value: unknown): readonly (readonly [string, unknown])[] {
  if (value === null || value === undefined) return [];
  if (typeof value !== "object")
    throw new BrigError("invalid", `cannot print with the format: range can't iterate over ${plain(value)}`);
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Values as Go prints them; undefined is what a record of anything does not have. */
export function plain(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(plain).join(" ")}]`;
  if (value === undefined) return "<no value>";
  if (value === null) return "<nil>";
  if (typeof value !== "object") return String(value);
  return `map[${sortedEntries(value)
    .map(([name, inner]) => `${name}:${plain(inner)}`)
    .join(" ")}]`;
}
