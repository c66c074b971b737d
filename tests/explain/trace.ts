/** What strace(1) saw, as values: `strace -ff -X raw -v`, a file for each process. */

export interface Traced {
  readonly name: string;
  readonly args: readonly Value[];
  /** The call's result; undefined for one that did not return. */
  readonly result: number | undefined;
  /** Where the result is -1. */
  readonly errno?: string;
  /** The line, for messages. */
  readonly line: string;
}

/** A number, text, a list of text, or what is none of these, as strace shows it. */
export type Value = number | string | readonly string[] | { readonly shown: string };

/** The system calls of one process, in order; signals, the end and a line that is being written are left out. */
export function parseTrace(text: string): readonly Traced[] {
  return text
    .split("\n")
    .slice(0, -1)
    .filter((line) => /^\w+\(/.test(line))
    .map(parseLine);
}

function parseLine(line: string): Traced {
  const open = line.indexOf("(");
  const { parts, end } = split(line, open + 1);
  const [, result, errno] = /^\)\s*=\s*(\?|-?\w+)(?: (E\w+))?/.exec(line.slice(end)) ?? [];
  if (result === undefined) throw new Error(`cannot read the result of ${line}`);
  return {
    name: line.slice(0, open),
    args: parts.map(value),
    result: result === "?" ? undefined : Number(result),
    ...(errno === undefined ? {} : { errno }),
    line: line.length > 300 ? `${line.slice(0, 200)} … ${line.slice(-60)}` : line,
  };
}

/** The parts between commas at this level, up to the bracket that closes it. */
function split(text: string, start: number): { readonly parts: readonly string[]; readonly end: number } {
  const parts: string[] = [];
  let [depth, from] = [0, start];
  for (let i = start; i < text.length; i++) {
    const c = text[i]!;
    if (c === '"') i = closingQuote(text, i);
    else if ("([{".includes(c)) depth++;
    else if (")]}".includes(c) && depth-- === 0) {
      if (i > from) parts.push(text.slice(from, i).trim());
      return { parts, end: i };
    } else if (c === "," && depth === 0) {
      parts.push(text.slice(from, i).trim());
      from = i + 1;
    }
  }
  throw new Error(`a bracket is not closed: ${text.slice(0, 200)}`);
}

function closingQuote(text: string, open: number): number {
  let i = open + 1;
  while (text[i] !== '"') i += text[i] === "\\" ? 2 : 1;
  return i;
}

function value(text: string): Value {
  if (text === "NULL") return 0;
  if (text.startsWith('"') && closingQuote(text, 0) === text.length - 1) return unescaped(text.slice(1, -1));
  if (text.startsWith("[")) {
    const parts = split(text, 1).parts.map(value);
    if (parts.every((part) => typeof part === "string")) return parts;
  }
  // Flags that strace has no name for stand behind a bar of their own.
  const words = text.split("|").filter(Boolean);
  return words.length > 0 && words.every((word) => /^-?\w+$/.test(word) && !Number.isNaN(number(word)))
    ? words.reduce((sum, word) => sum + number(word), 0)
    : { shown: text };
}

/** As C writes it: a leading zero is octal. */
export function number(text: string): number {
  return /^0[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number(text);
}

const letters: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", v: "\v", f: "\f" };

function unescaped(text: string): string {
  return text.replace(/\\(x[0-9a-f]{2}|[0-7]{1,3}|.)/g, (_, code: string) => {
    if (code.startsWith("x")) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    if (/^[0-7]/.test(code)) return String.fromCharCode(Number.parseInt(code, 8));
    return letters[code] ?? code;
  });
}
