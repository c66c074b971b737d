/** Manual pages in roff (man(7)) from the tables: one of each command, and one of the program. */

import type { CommandGroup, CommandTable } from "./command.ts";
import { longName } from "./flag.ts";
import { usageOf } from "./help.ts";
import type { Program } from "./program.ts";

export interface ManPage {
  /** Of the file: `brig-container-ls.1`. */
  readonly file: string;
  readonly text: string;
}

/** Every page; `version` and `date` stand in the footer. */
export function manPages(program: Program, version: string): readonly ManPage[] {
  const page = (names: readonly string[], parts: readonly string[]): ManPage => {
    const title = [program.name, ...names].join("-");
    const head = `.TH ${quoted(title.toUpperCase())} 1 "" ${quoted(`${program.name} ${version}`)}`;
    return { file: `${title}.1`, text: `${[head, ...parts].join("\n")}\n` };
  };
  return groupPages(program, program.tree, [], page);
}

type Page = (names: readonly string[], parts: readonly string[]) => ManPage;

function groupPages(
  program: Program,
  group: CommandGroup<string>,
  names: readonly string[],
  page: Page,
): readonly ManPage[] {
  const listed = Object.entries(group.commands)
    .filter(([name, node]) => !group.unlisted?.includes(name) && !isHidden(program, node))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const title = [program.name, ...names];
  const summaryOf = (node: string | CommandGroup<string>) =>
    typeof node === "string" ? program.tables[node]!.summary : node.summary;
  const own = page(names, [
    ...nameSection(title, group.summary),
    ".SH SYNOPSIS",
    `.B ${escaped(title.join(" "))}`,
    names.length === 0 ? "[OPTIONS] COMMAND [ARG...]" : "COMMAND [ARG...]",
    ...(names.length === 0 ? optionSection("GLOBAL OPTIONS", program.globals) : []),
    ".SH COMMANDS",
    ...listed.flatMap(([name, node]) => [
      ".TP",
      `.BR ${escaped([...title, name].join("-"))} (1)`,
      escaped(summaryOf(node)),
    ]),
  ]);
  const below = listed.flatMap(([name, node]) =>
    typeof node === "string"
      ? commandPage(program, program.tables[node]!, [...names, name], page)
      : groupPages(program, node, [...names, name], page),
  );
  return [own, ...below];
}

function isHidden(program: Program, node: string | CommandGroup<string>): boolean {
  return typeof node === "string" && program.tables[node]!.hidden === true;
}

function commandPage(program: Program, table: CommandTable, names: readonly string[], page: Page): ManPage {
  const title = [program.name, ...names];
  return page(names, [
    ...nameSection(title, table.summary),
    ".SH SYNOPSIS",
    `.B ${escaped(title.join(" "))}`,
    // A second form of the usage is a line of its own, indented by a tab.
    ...usageOf(table)
      .split("\n")
      .flatMap((line, at) => (at === 0 ? [escaped(line)] : [".br", escaped(line.trim())])),
    ...optionSection("OPTIONS", table),
    ".SH SEE ALSO",
    `.BR ${escaped(title.slice(0, -1).join("-"))} (1)`,
  ]);
}

function nameSection(title: readonly string[], summary: string): readonly string[] {
  return [".SH NAME", `${escaped(title.join("-"))} \\- ${escaped(summary)}`];
}

function optionSection(title: string, { flags }: CommandTable): readonly string[] {
  const options = Object.entries(flags).sort(([a], [b]) => (longName(a) < longName(b) ? -1 : 1));
  if (options.length === 0) return [];
  return [
    `.SH ${title}`,
    ...options.flatMap(([key, { short, type, help }]) => [
      ".TP",
      `${short ? `\\fB\\-${short}\\fR, ` : ""}\\fB\\-\\-${escaped(longName(key))}\\fR${type.word && ` \\fI${escaped(type.word)}\\fR`}`,
      ...help.split("\n").flatMap((line, at) => (at === 0 ? [escaped(line)] : [".br", escaped(line)])),
    ]),
  ];
}

/** A line must not begin with a control character; a dash is to be one that can be copied; the rest is ASCII. */
function escaped(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replace(/^(?=[.'])/, "\\&")
    .replace(/\P{ASCII}/gu, (c) => `\\[u${c.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}]`);
}

function quoted(text: string): string {
  return `"${escaped(text)}"`;
}
