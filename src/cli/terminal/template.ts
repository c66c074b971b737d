/** Templates applied to values, with Docker's functions. Values are plain JSON; anything a template asks for is looked up. */

import { BrigError } from "../../base/errors.ts";
import { checkCalls, functions, isTrue, plain, sortedEntries } from "./template-functions.ts";
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
  return compileTemplate(template)(value);
}

/** The same for many values. Throws for what is no template, also when there is no value; fields are looked up in each. */
export function compileTemplate(template: string): (value: unknown) => string {
  const nodes = parseTemplate(template);
  checkCalls(nodes);
  return (value) => renderNodes(nodes, { dot: value, variables: new Map([["$", value]]) });
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
  try {
    return functions[first.name]!(...values);
  } catch (cause) {
    if (cause instanceof BrigError) throw cause;
    // A text where a list is wanted, and the like.
    throw new BrigError("invalid", `cannot print with the format: ${first.name} does not take these values`, {
      cause,
    });
  }
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
