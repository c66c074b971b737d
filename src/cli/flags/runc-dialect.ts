/**
 * The command line of OCI runtimes, wide enough for every caller: runc's (Go's flag package: `-bundle` and
 * `--bundle` alike, flags also after operands) and crun's (clusters such as `-td`, values such as `-u1000`).
 *
 * A word after dashes is a long flag if there is one of that name, else it is read letter by letter.
 * Every complaint ends with exit code 1, as runc's.
 */

import { messageOf } from "../../base/errors.ts";
import { quote } from "../../docker/text/quote.ts";
import type { CommandTable } from "./command.ts";
import type { Flags } from "./flag.ts";
import { FlagValues, type FoundFlag, type ParsedFlags } from "./parse.ts";
import type { Dialect } from "./program.ts";
import { FlagError, UsageError } from "./usage-error.ts";

export const runcDialect: Dialect = {
  parse: parseRuncFlags,
  flagError: ({ path }, error) => complaint(`${path}: ${error.message}`, error),
  operandError: ({ path, program }, table) =>
    complaint(`${program}: ${quote(path.slice(path.lastIndexOf(" ") + 1))} requires ${expected(table)}`),
  unknownCommand: ({ path }, name) => complaint(`${path}: no command ${quote(name)}`),
  unknownTopic: (name) => complaint(`no help topic for ${quote(name)}`),
};

function complaint(reason: string, cause?: unknown): UsageError {
  return new UsageError(reason, reason, 1, cause);
}

function expected({ operands: { least, most } }: CommandTable): string {
  if (most === undefined) return `a minimum of ${least} argument(s)`;
  return least === most ? `exactly ${least} argument(s)` : `from ${least} to ${most} argument(s)`;
}

function parseRuncFlags<F extends Flags>(table: CommandTable<F>, argv: readonly string[]): ParsedFlags<F> {
  const values = new FlagValues(table);
  const operands: string[] = [];
  const rest = argv.values();
  for (const argument of rest) {
    if (argument === "--") {
      operands.push(...rest);
    } else if (argument.length > 1 && argument.startsWith("-")) {
      readFlag(values, argument, rest);
    } else {
      operands.push(argument);
      if (table.interspersed === false) operands.push(...rest);
    }
  }
  return values.parsed(operands);
}

function readFlag(values: FlagValues<Flags>, argument: string, rest: Iterator<string>): void {
  const word = argument.slice(argument.startsWith("--") ? 2 : 1);
  const equals = word.indexOf("=");
  const name = equals < 0 ? word : word.slice(0, equals);
  const found = values.long(name) ?? (name.length === 1 ? values.short(name) : undefined);
  if (found) {
    readValue(values, found, equals < 0 ? undefined : word.slice(equals + 1), rest);
    return;
  }
  const undefinedFlag = () => new FlagError(`flag provided but not defined: -${name}`);
  if (argument.startsWith("--")) throw undefinedFlag();
  for (let left = word; left !== ""; ) {
    const letter = values.short(left[0]!);
    if (!letter) throw undefinedFlag();
    const isSwitch = letter.flag.type.bare !== undefined;
    readValue(values, letter, !isSwitch && left.length > 1 ? left.slice(1) : undefined, rest);
    left = isSwitch ? left.slice(1) : "";
  }
}

function readValue(
  values: FlagValues<Flags>,
  found: FoundFlag,
  attached: string | undefined,
  rest: Iterator<string>,
): void {
  const text = attached ?? found.flag.type.bare ?? rest.next().value;
  if (text === undefined) throw new FlagError(`flag needs an argument: -${found.name}`);
  try {
    values.set(found, text);
  } catch (error) {
    throw new FlagError(
      `invalid value ${quote(text)} for flag -${found.name}: ${messageOf((error as Error).cause)}`,
    );
  }
}
