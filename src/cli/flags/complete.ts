/**
 * What may stand at the place of the cursor, from the tables: names of commands, flags, or a kind of thing whose
 * names only the engine knows. It is asked with every press of a key, of command lines that are not finished.
 */

import type { CommandGroup, CommandTable } from "./command.ts";
import { type Flags, longName } from "./flag.ts";
import type { Program } from "./program.ts";

export interface Completion {
  readonly words: readonly Candidate[];
  /** What else may stand there, by the word of the usage line: CONTAINER, IMAGE; FILE for a path of the caller's. */
  readonly operand?: string;
}

export interface Candidate {
  readonly text: string;
  readonly help: string;
}

/** `line` are the words after the program's name; the last is the one to complete, maybe empty. */
export function complete(program: Program, line: readonly string[]): Completion {
  const current = line.at(-1) ?? "";
  const before = skipFlags(program.globals, line.slice(0, -1));
  if (before.expectsValue) return file;
  let node: string | CommandGroup<string> = program.tree;
  let at = 0;
  for (; typeof node !== "string" && at < before.rest.length; at++) {
    const next: string | CommandGroup<string> | undefined = own(node.commands, before.rest[at]!);
    if (next === undefined) return { words: [] };
    node = next;
  }
  if (typeof node !== "string") {
    const flags =
      at === 0 && current.startsWith("-") ? flagWords(program.globals) : commandWords(program, node);
    return { words: starting(flags, current) };
  }
  return inCommand(program.tables[node]!, before.rest.slice(at), current);
}

const file: Completion = { words: [], operand: "FILE" };

function inCommand(table: CommandTable, words: readonly string[], current: string): Completion {
  if (table.raw) return file;
  const { rest, expectsValue } = skipFlags(table, words);
  if (expectsValue) return file;
  const inside = table.interspersed === false && rest.length > 0;
  if (current.startsWith("-") && !inside) return { words: starting(flagWords(table), current) };
  if (rest.length >= (table.operands.most ?? Infinity)) return { words: [] };
  return { words: [], operand: operandAt(table, rest.length) };
}

/** The word of the usage line that stands for an operand: a last one in brackets may be repeated. */
function operandAt({ usage }: CommandTable, index: number): string {
  const words = usage.split("\n")[0]!.split(" ");
  const word = words[index] ?? words.at(-1)!;
  const bare = word.replace(/^\[|\.\.\.\]$|\]$/g, "");
  return bare === "ARG" || bare === "COMMAND" ? "FILE" : bare;
}

/** The words that are no flags and no flags' values. */
function skipFlags(table: CommandTable, words: readonly string[]) {
  const rest: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!;
    if (!word.startsWith("-") || word === "-") {
      if (table.interspersed === false) return { rest: [...rest, ...words.slice(at)], expectsValue: false };
      rest.push(word);
    } else if (takesNext(table.flags, word)) {
      if (++at === words.length) return { rest, expectsValue: true };
    }
  }
  return { rest, expectsValue: false };
}

/** A long flag without `=`, or a cluster of letters that ends in one that wants a value. */
function takesNext(flags: Flags, word: string): boolean {
  if (word.includes("=")) return false;
  const name = word.startsWith("--") ? word.slice(2) : undefined;
  const found = Object.entries(flags).find(([key, flag]) =>
    name === undefined
      ? flag.short === word.at(-1)
      : longName(key) === name || flag.aliases?.includes(name) || flag.retired?.includes(name),
  );
  return found !== undefined && found[1].type.bare === undefined;
}

function flagWords({ flags }: CommandTable): readonly Candidate[] {
  const words = Object.entries(flags).map(([key, { help }]) => ({
    text: `--${longName(key)}`,
    help: help.split("\n")[0]!.replace(/:$/, ""),
  }));
  return [...words, { text: "--help", help: "Print usage" }].sort((a, b) => (a.text < b.text ? -1 : 1));
}

function commandWords(program: Program, group: CommandGroup<string>): readonly Candidate[] {
  return Object.entries(group.commands)
    .filter(([name]) => !group.unlisted?.includes(name))
    .flatMap(([text, node]) => {
      if (typeof node !== "string") return { text, help: node.summary };
      const { hidden, summary } = program.tables[node]!;
      return hidden ? [] : { text, help: summary };
    })
    .sort((a, b) => (a.text < b.text ? -1 : 1));
}

function starting(words: readonly Candidate[], current: string): readonly Candidate[] {
  return words.filter(({ text }) => text.startsWith(current));
}

function own<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
