/**
 * Go's text/template as far as `--format` needs it: fields, variables, functions, pipelines, `range`, `if`, `with`,
 * and the dashes that take blanks away. Templates inside templates and assignments to variables are not read.
 */

import { BrigError } from "../../base/errors.ts";

export type Node =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "print"; readonly pipe: Pipe }
  | Block;

export interface Block {
  readonly kind: "range" | "if" | "with";
  /** Names that `range $key, $value :=` and the like give, with their dollar sign. */
  readonly variables: readonly string[];
  readonly pipe: Pipe;
  readonly body: readonly Node[];
  readonly otherwise: readonly Node[];
}

/** Commands, each of which gets the result of the one before it as its last argument. */
export type Pipe = readonly Command[];
export type Command = readonly [Operand, ...Operand[]];

export type Operand =
  | { readonly kind: "literal"; readonly value: unknown }
  | { readonly kind: "function"; readonly name: string }
  /** `root` is "." or a variable. */
  | { readonly kind: "field"; readonly root: string; readonly path: readonly string[] }
  /** In parentheses; `path` is what follows them. */
  | { readonly kind: "pipe"; readonly pipe: Pipe; readonly path: readonly string[] };

/** Throws `invalid` for what is no template. */
export function parseTemplate(template: string): readonly Node[] {
  const parts = new Parts(splitActions(template));
  const nodes = readNodes(parts);
  const left = parts.next();
  if (left) throw invalid(`unexpected {{${left.text}}}`);
  return nodes;
}

interface Part {
  readonly action: boolean;
  readonly text: string;
}

class Parts {
  readonly #parts: readonly Part[];
  #at = 0;

  constructor(parts: readonly Part[]) {
    this.#parts = parts;
  }

  peek(): Part | undefined {
    return this.#parts[this.#at];
  }

  next(): Part | undefined {
    return this.#parts[this.#at++];
  }
}

/** Text and actions in turn; a dash and a blank at an action's edge take the blanks beside it. */
function splitActions(template: string): readonly Part[] {
  const parts: Part[] = [];
  let trim = false;
  for (let at = 0; ; ) {
    const open = template.indexOf("{{", at);
    const text = template.slice(at, open < 0 ? undefined : open);
    const left = trim ? text.trimStart() : text;
    if (open < 0) return [...parts, { action: false, text: left }];
    const close = template.indexOf("}}", open);
    if (close < 0) throw invalid("unclosed action");
    const inner = template.slice(open + 2, close);
    parts.push({ action: false, text: /^-\s/.test(inner) ? left.trimEnd() : left });
    parts.push({ action: true, text: inner.replace(/^-(?=\s)|(?<=\s)-$/g, "").trim() });
    trim = /\s-$/.test(inner);
    at = close + 2;
  }
}

/** Up to the `else` or `end` of the block around them. */
function readNodes(parts: Parts): readonly Node[] {
  const nodes: Node[] = [];
  for (let part = parts.peek(); part && !isBlockEnd(part); part = parts.peek()) {
    parts.next();
    if (!part.action) nodes.push({ kind: "text", text: part.text });
    else if (!part.text.startsWith("/*")) nodes.push(readAction(part.text, parts));
  }
  return nodes;
}

function isBlockEnd({ action, text }: Part): boolean {
  return action && /^(?:else|end)\b/.test(text);
}

function readAction(text: string, parts: Parts): Node {
  const [, kind, rest] = /^(range|if|with)\b(.*)$/s.exec(text) ?? [];
  if (kind === undefined) return { kind: "print", pipe: parsePipe(text) };
  return readBlock(kind as Block["kind"], rest!, parts);
}

function readBlock(kind: Block["kind"], head: string, parts: Parts): Block {
  const [, names, pipe] = /^\s*(\$\w+(?:\s*,\s*\$\w+)?)\s*:=(.*)$/s.exec(head) ?? [undefined, "", head];
  const body = readNodes(parts);
  const end = parts.next();
  if (!end) throw invalid(`{{${kind}}} without {{end}}`);
  const [, chained] = /^else\s+(if\b.*)$/s.exec(end.text) ?? [];
  const block = {
    kind,
    variables: names!
      .split(",")
      .map((n) => n.trim())
      .filter(Boolean),
    pipe: parsePipe(pipe!),
    body,
  };
  if (chained !== undefined) return { ...block, otherwise: [readAction(chained, parts)] };
  if (end.text !== "else") return { ...block, otherwise: [] };
  const otherwise = readNodes(parts);
  if (!parts.next()) throw invalid(`{{${kind}}} without {{end}}`);
  return { ...block, otherwise };
}

const token =
  /\s*("(?:[^"\\]|\\.)*"|`[^`]*`|-?\d+(?:\.\d+)?|[$\w]*(?:\.\w+)+|\$\w*|\w+|\.|\(|\)(?:\.\w+)*|\|)/y;

function parsePipe(text: string): Pipe {
  const tokens: string[] = [];
  token.lastIndex = 0;
  for (let at = 0; at < text.trimEnd().length; at = token.lastIndex) {
    const match = token.exec(text);
    if (!match) throw invalid(`"{{${text}}}" is not supported`);
    tokens.push(match[1]!);
  }
  const pipe = readPipe(tokens);
  if (tokens.length > 0) throw invalid(`unexpected ")" in "{{${text}}}"`);
  return pipe;
}

/** Takes from the front of the tokens, up to a closing parenthesis. */
function readPipe(tokens: string[]): Pipe {
  const commands: Operand[][] = [[]];
  while (tokens.length > 0 && !tokens[0]!.startsWith(")")) {
    const text = tokens.shift()!;
    if (text === "|") commands.push([]);
    else commands.at(-1)!.push(text === "(" ? readParenthesis(tokens) : operandOf(text));
  }
  if (commands.some((command) => command.length === 0)) throw invalid("missing value for command");
  return commands as unknown as Pipe;
}

function readParenthesis(tokens: string[]): Operand {
  const pipe = readPipe(tokens);
  const close = tokens.shift();
  if (close === undefined) throw invalid("unclosed left paren");
  return { kind: "pipe", pipe, path: close.split(".").slice(1) };
}

const constants: Readonly<Record<string, unknown>> = { true: true, false: false, nil: null };

function operandOf(text: string): Operand {
  if (text.startsWith('"')) return { kind: "literal", value: unquoted(text) };
  if (text.startsWith("`")) return { kind: "literal", value: text.slice(1, -1) };
  if (/^-?\d/.test(text)) return { kind: "literal", value: Number(text) };
  if (Object.hasOwn(constants, text)) return { kind: "literal", value: constants[text] };
  if (!/^[.$]/.test(text)) return { kind: "function", name: text };
  const [first, ...path] = text.split(".");
  return { kind: "field", root: first || ".", path: path.filter(Boolean) };
}

function unquoted(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid(`bad character in ${text}`);
  }
}

export function invalid(reason: string): BrigError {
  return new BrigError("invalid", `cannot parse the format: ${reason}`);
}
