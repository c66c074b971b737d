/**
 * The words of a Dockerfile instruction: how a line falls into words, and what quotes, backslashes and variables in
 * one mean (Dockerfile reference, "Environment replacement").
 */

import { BrigError } from "../../base/errors.ts";

export type Variables = ReadonlyMap<string, string>;

/** Divides at blanks outside quotes; quotes and backslashes stay in the words. */
export function splitWords(line: string): readonly string[] {
  return line.match(/(?:\\.|"(?:\\.|[^"\\])*"?|'[^']*'?|[^\s\\"']|\\$)+/gsu) ?? [];
}

/** Takes quotes and backslashes away and puts variables in; in single quotes everything stands for itself. */
export function expandWord(word: string, variables: Variables): string {
  let text = "";
  let at = 0;
  let quoted = false;
  while (at < word.length) {
    const c = word[at]!;
    if (c === "'" && !quoted) {
      const end = closing(word, at);
      text += word.slice(at + 1, end);
      at = end + 1;
    } else if (c === '"') {
      if (!quoted) closing(word, at);
      quoted = !quoted;
      at++;
    } else if (c === "\\") {
      const next = word[at + 1];
      // In double quotes a backslash is one, unless it takes a meaning away.
      if (next !== undefined) text += quoted && !/["$\\]/.test(next) ? c + next : next;
      at += 2;
    } else if (c === "$") {
      const [value, end] = variable(word, at + 1, variables);
      text += value;
      at = end;
    } else {
      text += c;
      at++;
    }
  }
  return text;
}

function closing(word: string, from: number): number {
  const quote = word[from]!;
  for (let at = from + 1; at < word.length; at++) {
    if (word[at] === quote) return at;
    if (quote === '"' && word[at] === "\\") at++;
  }
  throw unfit(
    word,
    quote === '"'
      ? "unexpected end of statement while looking for matching double-quote"
      : "unexpected end of statement while looking for matching single-quote",
  );
}

/** What follows a dollar sign: `NAME`, `{NAME}`, `{NAME:-otherwise}` or `{NAME:+instead}`; its value and its end. */
function variable(word: string, from: number, variables: Variables): readonly [value: string, end: number] {
  const plain = /^(?:[A-Za-z_]\w*|[0-9@*#])/.exec(word.slice(from))?.[0];
  if (plain !== undefined) return [variables.get(plain) ?? "", from + plain.length];
  if (word[from] !== "{") return ["$", from];
  const found = /^\{([A-Za-z_]\w*)(?:\}|:([-+?]))/.exec(word.slice(from));
  if (!found) throw unfit(word, "bad substitution");
  const [head, name, operator] = found as unknown as [string, string, string?];
  const value = variables.get(name) ?? "";
  if (operator === undefined) return [value, from + head.length];
  const end = closingBrace(word, from);
  const rest = expandWord(word.slice(from + head.length, end), variables);
  if (operator === "?" && value === "") throw unfit(word, rest);
  const chosen = operator === "+" ? (value === "" ? "" : rest) : value === "" ? rest : value;
  return [chosen, end + 1];
}

function closingBrace(word: string, from: number): number {
  let depth = 0;
  for (let at = from; at < word.length; at++) {
    if (word[at] === "\\") at++;
    else if (word[at] === "{") depth++;
    else if (word[at] === "}" && --depth === 0) return at;
  }
  throw unfit(word, "syntax error: missing '}'");
}

function unfit(word: string, reason: string): BrigError {
  return new BrigError("invalid", `failed to process "${word}": ${reason}`);
}
