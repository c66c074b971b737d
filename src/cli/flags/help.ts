/**
 * Help texts from the tables, laid out as Docker lays them out.
 */

import { quote } from "../../docker/text/quote.ts";
import type { CommandGroup, CommandTable } from "./command.ts";
import { type Flag, longName } from "./flag.ts";
import type { Program } from "./program.ts";
import { wrap } from "./wrap.ts";

/** Help of one command, found under `names`. */
export function commandHelp(program: Program, key: string, names: readonly string[], width: number): string {
  const table = program.tables[key]!;
  const aliases = pathsTo(program.tree, key).map((path) => `${program.name} ${path.join(" ")}`);
  const usage = `${[program.name, ...names].join(" ")} ${usageOf(table)}`.trimEnd();
  return sections([
    `Usage:  ${usage}`,
    table.summary,
    aliases.length > 1 ? `Aliases:\n  ${aliases.join(", ")}` : "",
    flagList("Options:", table, width),
  ]);
}

/** Help of a group of commands; of the whole program when `names` is empty. */
export function groupHelp(
  program: Program,
  group: CommandGroup<string>,
  names: readonly string[],
  width: number,
): string {
  const path = [program.name, ...names].join(" ");
  const root = names.length === 0;
  return sections([
    `Usage:  ${path} ${root ? "[OPTIONS] " : ""}COMMAND`,
    group.summary,
    ...commandLists(program, group),
    root ? flagList("Global Options:", program.globals, width) : "",
    `Run '${path} COMMAND --help' for more information on a command.`,
  ]);
}

/** The part of a usage line after the command's name. */
export function usageOf(table: CommandTable): string {
  return Object.keys(table.flags).length > 0 ? `[OPTIONS] ${table.usage}`.trimEnd() : table.usage;
}

function sections(parts: readonly string[]): string {
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function commandLists(program: Program, group: CommandGroup<string>): readonly string[] {
  const listed = Object.entries(group.commands).filter(
    ([name, node]) =>
      !group.unlisted?.includes(name) && !(typeof node === "string" && program.tables[node]!.hidden),
  );
  const common = group.common ?? [];
  const byName = listed.sort(([a], [b]) => (a < b ? -1 : 1));
  const entries = {
    "Common Commands:": common.flatMap((name) => listed.filter(([other]) => other === name)),
    "Management Commands:": byName.filter(([, node]) => typeof node !== "string"),
    "Commands:": byName.filter(([name, node]) => typeof node === "string" && !common.includes(name)),
  };
  const column = Math.max(...listed.map(([name]) => name.length)) + 1;
  return Object.entries(entries)
    .filter(([, commands]) => commands.length > 0)
    .map(([title, commands]) => [title, ...commands.map(([name, node]) => line(name, node))].join("\n"));

  function line(name: string, node: string | CommandGroup<string>): string {
    const { summary } = typeof node === "string" ? program.tables[node]! : node;
    return `  ${name.padEnd(column)} ${summary}`;
  }
}

function flagList(title: string, table: CommandTable, width: number): string {
  const rows = Object.entries(table.flags).map(([key, flag]) => ({
    key,
    head: `  ${flag.short ? `-${flag.short}, ` : "    "}--${longName(key)}${flag.type.word && ` ${flag.type.word}`}`,
    text: `${flag.help}${shownDefault(flag)}`,
  }));
  if (rows.length === 0) return "";
  const column = Math.max(...rows.map(({ head }) => head.length)) + 3;
  const lines = rows
    .sort((a, b) => (longName(a.key) < longName(b.key) ? -1 : 1))
    .map(
      ({ head, text }) => head.padEnd(column) + wrap(text, width - column).join(`\n${" ".repeat(column)}`),
    );
  return [title, ...lines].join("\n");
}

function shownDefault({ type }: Flag): string {
  switch (typeof type.initial) {
    case "string":
      return type.initial === "" ? "" : ` (default ${quote(type.initial)})`;
    case "number":
      if (type.initial === 0) return "";
      return ` (default ${type.word === "duration" ? `${type.initial / 1000}s` : type.initial})`;
    case "boolean":
      return type.initial ? " (default true)" : "";
    default:
      return "";
  }
}

/** Every way to name a command, deepest first: `container ls`, `container ps`, `ps`. */
function pathsTo(group: CommandGroup<string>, key: string): readonly (readonly string[])[] {
  const below = Object.entries(group.commands).flatMap(([name, node]) =>
    typeof node === "string" ? [] : pathsTo(node, key).map((path) => [name, ...path]),
  );
  const here = Object.entries(group.commands).filter(([, node]) => node === key);
  return [...below, ...here.map(([name]) => [name])];
}
