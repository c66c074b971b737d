/** Templates applied to values, with Docker's functions. Values are plain JSON; anything a template asks for is looked up. */

import { BrigError } from "../../base/errors.ts";
import {
  type Block,
  type Command,
  invalid,
  type Node,
  type Operand,
  type Pipe,
  parseTemplate,
} from "./template-parse.ts";

/** The text that the template makes of the value. Throws `invalid` for fields and functions that do not exist. */
export function renderTemplate(template: string, value: unknown): string {
  return renderNodes(parseTemplate(template), { dot: value, variables: new Map([["$", value]]) });
}

interface Scope {
  readonly dot: unknown;
  /** By name, with the dollar sign; `$` alone is the whole value. */
  readonly variables: ReadonlyMap<string, unknown>;
}

function renderNodes(nodes: readonly Node[], scope: Scope): string {
  return nodes.map((node) => renderNode(node, scope)).join("");
}

function renderNode(node: Node, scope: Scope): string {
  switch (node.kind) {
    case "text":
      return node.text;
    case "print":
      return plain(valueOfPipe(node.pipe, scope));
    case "range":
      return renderRange(node, scope);
    case "if":
    case "with": {
      const value = valueOfPipe(node.pipe, scope);
      if (!isTrue(value)) return renderNodes(node.otherwise, scope);
      const variables = bind(scope, node.variables.slice(0, 1), [value]);
      return renderNodes(node.body, { dot: node.kind === "with" ? value : scope.dot, variables });
    }
  }
}

/** Over the elements of a list, or the values of a record in the order of their names. */
function renderRange({ pipe, variables, body, otherwise }: Block, scope: Scope): string {
  const value = valueOfPipe(pipe, scope);
  const entries: readonly (readonly [unknown, unknown])[] = Array.isArray(value)
    ? [...value.entries()]
    : sortedEntries(value);
  if (entries.length === 0) return renderNodes(otherwise, scope);
  return entries
    .map(([key, element]) => {
      const values = variables.length === 1 ? [element] : [key, element];
      return renderNodes(body, { dot: element, variables: bind(scope, variables, values) });
    })
    .join("");
}

function bind(scope: Scope, names: readonly string[], values: readonly unknown[]): Scope["variables"] {
  return new Map([...scope.variables, ...names.map((name, at) => [name, values[at]] as const)]);
}

function valueOfPipe(pipe: Pipe, scope: Scope): unknown {
  return pipe.reduce<readonly unknown[]>(
    (before, command) => [valueOfCommand(command, before, scope)],
    [],
  )[0];
}

function valueOfCommand([first, ...rest]: Command, before: readonly unknown[], scope: Scope): unknown {
  const values = [...rest.map((operand) => valueOfOperand(operand, scope)), ...before];
  if (first.kind !== "function") {
    if (values.length > 0) throw invalid("can't give argument to non-function");
    return valueOfOperand(first, scope);
  }
  const act = Object.hasOwn(functions, first.name) ? functions[first.name] : undefined;
  if (!act) throw invalid(`function "${first.name}" is not supported`);
  return act(...values);
}

function valueOfOperand(operand: Operand, scope: Scope): unknown {
  switch (operand.kind) {
    case "literal":
      return operand.value;
    case "pipe":
      return follow(valueOfPipe(operand.pipe, scope), operand.path);
    case "function":
      return valueOfCommand([operand], [], scope);
    case "field": {
      const { root, path } = operand;
      if (root !== "." && !scope.variables.has(root)) throw invalid(`undefined variable "${root}"`);
      return follow(root === "." ? scope.dot : scope.variables.get(root), path);
    }
  }
}

function follow(value: unknown, path: readonly string[]): unknown {
  return path.reduce((found, name) => {
    if (typeof found === "object" && found !== null && Object.hasOwn(found, name))
      return (found as Record<string, unknown>)[name];
    throw new BrigError("invalid", `cannot print with the format: there is no field .${path.join(".")}`);
  }, value);
}

// biome-ignore lint/suspicious/noExplicitAny: a template gives whatever it gives
type Act = (...values: any[]) => unknown;

/** Go's and Docker's, those that lists and documents need. */
const functions: Readonly<Record<string, Act>> = {
  json: (value) => JSON.stringify(value),
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

/** The place that was found, or the last one. */
function last(found: number, values: readonly unknown[]): number {
  return found < 0 ? values.length - 1 : found;
}

/** A key that a record does not have gives nothing; a place that a list does not have is an error. */
function elementOf(value: unknown, key: string | number): unknown {
  if (Array.isArray(value) && !(Number(key) in value))
    throw new BrigError("invalid", `cannot print with the format: index out of range: ${key}`);
  return Object.hasOwn((value ?? {}) as object, key) ? (value as Record<string | number, unknown>)[key] : "";
}

function isTrue(value: unknown): boolean {
  return typeof value === "object" && value !== null ? Object.keys(value).length > 0 : Boolean(value);
}

function sortedEntries(value: unknown): readonly (readonly [string, unknown])[] {
  if (value === null || value === undefined) return [];
  if (typeof value !== "object")
    throw new BrigError("invalid", `cannot print with the format: range can't iterate over ${plain(value)}`);
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Values as Go prints them. */
function plain(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(plain).join(" ")}]`;
  if (value === null || value === undefined) return "<nil>";
  if (typeof value !== "object") return String(value);
  return `map[${sortedEntries(value)
    .map(([name, inner]) => `${name}:${plain(inner)}`)
    .join(" ")}]`;
}
