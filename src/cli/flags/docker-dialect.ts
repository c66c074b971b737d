/**
 * Complaints about a command line in the words and with the exit codes of Docker 28: 125 for flags, 1 for
 * operands, commands that do not exist, and values that are only found wrong when they are used.
 */

import type { CommandTable } from "./command.ts";
import { parseFlags } from "./parse.ts";
import type { Dialect, Place } from "./program.ts";
import { UsageError } from "./usage-error.ts";

export const dockerDialect: Dialect = {
  parse: parseFlags,

  flagError(place, error, table) {
    const text = error.whole
      ? paragraphs(`${place.program}: ${error.message}`, hint("Run", place))
      : paragraphs(error.message, usage(place), hint("Run", place));
    return new UsageError(error.message, text, error.value ? (table.badValue ?? 1) : 125, error);
  },

  operandError(place, table) {
    const reason = `'${place.path}' ${expected(table)}`;
    const verb = table.operands.most === undefined ? "See" : "Run";
    return new UsageError(
      reason,
      paragraphs(`${place.program}: ${reason}`, usage(place), hint(verb, place)),
      1,
    );
  },

  unknownCommand(place, name, later) {
    if (later) {
      const reason = `'${place.path} ${name}' is not supported yet`;
      return new UsageError(reason, paragraphs(`${place.program}: ${reason}`, hint("Run", place)), 125);
    }
    const reason = `unknown command: ${place.path} ${name}`;
    const group = place.path === place.program ? [] : [usage(place)];
    return new UsageError(reason, paragraphs(`${place.program}: ${reason}`, ...group, hint("Run", place)), 1);
  },

  unknownTopic(name) {
    const reason = `unknown help topic: ${name}`;
    return new UsageError(reason, reason, 1);
  },
};

function expected({ operands: { least, most } }: CommandTable): string {
  const some = (count: number) => `${count} argument${count === 1 ? "" : "s"}`;
  if (most === 0) return "accepts no arguments";
  if (most === undefined) return `requires at least ${some(least)}`;
  if (most === least) return `requires ${some(least)}`;
  return least === 0
    ? `requires at most ${some(most)}`
    : `requires at least ${least} and at most ${some(most)}`;
}

function paragraphs(...parts: readonly string[]): string {
  return parts.join("\n\n");
}

function usage({ path, usage }: Place): string {
  return `Usage:  ${path} ${usage}`.trimEnd();
}

function hint(verb: string, { path }: Place): string {
  return `${verb} '${path} --help' for more information`;
}
