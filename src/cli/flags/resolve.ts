/**
 * From the words of a command line to the command they call: global flags, names, flags, number of operands.
 */

import type { CommandGroup, CommandTable } from "./command.ts";
import type { Flags, OptionsOf } from "./flag.ts";
import { commandHelp, groupHelp, usageOf } from "./help.ts";
import type { ParsedFlags } from "./parse.ts";
import type { Call, Place, Program } from "./program.ts";
import { FlagError } from "./usage-error.ts";

export type Invocation<P extends Program> =
  | Call<P>
  | { readonly kind: "help"; readonly text: string; readonly warnings: readonly string[] }
  | { readonly kind: "version" };

/**
 * Reads `argv` (without the program's own name). `columns` gives the terminal's width, for help texts only: asking
 * for it may cost more than the rest.
 * Throws a UsageError when it makes no sense.
 */
export function resolve<P extends Program>(
  program: P,
  argv: readonly string[],
  columns: () => number | undefined = () => undefined,
): Invocation<P> {
  const at = (path: string, usage: string): Place => ({ program: program.name, path, usage });
  const width = () => columns() || defaultWidth;
  const root = at(program.name, "[OPTIONS] COMMAND [ARG...]");
  const globals = parsed(program, root, program.globals, argv);
  const help = (text: string, warnings: readonly string[]): Invocation<P> => ({
    kind: "help",
    text,
    warnings,
  });

  if (globals.help) return help(groupHelp(program, program.tree, [], width()), globals.warnings);
  if (globals.operands[0] === "help") return help(topic(program, globals.operands.slice(1), width()), []);

  const found = walk(program.tree, globals.operands);
  const path = [program.name, ...found.names].join(" ");
  if (typeof found.node !== "string") {
    if (found.names.length === 0 && (globals.options as { version?: boolean }).version)
      return { kind: "version" };
    const place = found.names.length === 0 ? root : at(path, "");
    const inner = parsed(program, place, emptyTable, found.rest);
    const [unknown] = inner.operands;
    if (unknown !== undefined && !inner.help) {
      const later = found.node.later?.includes(unknown) ?? false;
      throw program.dialect.unknownCommand(place, unknown, later);
    }
    return help(groupHelp(program, found.node, found.names, width()), inner.warnings);
  }

  const table = program.tables[found.node]!;
  const place = at(path, usageOf(table));
  const { options, operands, given, warnings, help: wanted } = parsed(program, place, table, found.rest);
  if (wanted) return help(commandHelp(program, found.node, found.names, width()), warnings);
  if (operands.length < table.operands.least || operands.length > (table.operands.most ?? Infinity)) {
    throw program.dialect.operandError(place, table);
  }
  const call = { kind: "call", name: found.node, path, options, operands, given, globals: globals.options };
  return { ...call, warnings: [...globals.warnings, ...warnings] } as unknown as Call<P>;
}

const defaultWidth = 80;

function parsed<F extends Flags>(
  program: Program,
  place: Place,
  table: CommandTable<F>,
  argv: readonly string[],
): ParsedFlags<F> {
  if (table.raw)
    return { options: {} as OptionsOf<F>, operands: argv, given: new Set(), help: false, warnings: [] };
  try {
    return program.dialect.parse(table, argv);
  } catch (error) {
    throw error instanceof FlagError ? program.dialect.flagError(place, error, table) : error;
  }
}

/** A group has no flags but `--help`; the first word that is not one is a name nobody knows. */
const emptyTable: CommandTable = {
  summary: "",
  usage: "",
  operands: { least: 0 },
  flags: {},
  interspersed: false,
};

interface Found {
  readonly node: string | CommandGroup<string>;
  readonly names: readonly string[];
  readonly rest: readonly string[];
}

function walk(tree: CommandGroup<string>, words: readonly string[]): Found {
  let node: string | CommandGroup<string> = tree;
  let depth = 0;
  while (typeof node !== "string" && depth < words.length && Object.hasOwn(node.commands, words[depth]!)) {
    node = node.commands[words[depth]!]!;
    depth++;
  }
  return { node, names: words.slice(0, depth), rest: words.slice(depth) };
}

function topic(program: Program, words: readonly string[], width: number): string {
  const found = walk(program.tree, words);
  if (found.rest.length > 0 && typeof found.node !== "string")
    throw program.dialect.unknownTopic(found.rest[0]!);
  return typeof found.node === "string"
    ? commandHelp(program, found.node, found.names, width)
    : groupHelp(program, found.node, found.names, width);
}
