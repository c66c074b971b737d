/**
 * One command of the command line as plain data.
 */

import type { Flags } from "./flag.ts";

export interface CommandTable<F extends Flags = Flags> {
  /** One line for lists of commands and the head of the help. */
  readonly summary: string;
  /** The operands as help shows them: `IMAGE [COMMAND] [ARG...]`; empty when there are none. */
  readonly usage: string;
  /** How many operands the command takes; no upper bound when `most` is absent. */
  readonly operands: { readonly least: number; readonly most?: number };
  readonly flags: F;
  /** Docker's flags that brig knows and refuses: reason → flag names (one letter: a short flag). */
  readonly refused?: Readonly<Record<string, readonly string[]>>;
  /** The exit code for a value that Docker finds wrong only when it uses it; 1 when absent. */
  readonly badValue?: number;
  /** Flags end at the first operand: what follows belongs to the program in the container. */
  readonly interspersed?: false;
  /** Arguments are handed on unparsed: another grammar reads them. */
  readonly raw?: true;
  /** Not listed in help: called by brig itself. */
  readonly hidden?: true;
}

/** Declares a command; returns its argument, with the types of its flags kept. */
export function command<const F extends Flags>(table: CommandTable<F>): CommandTable<F> {
  return table;
}

/** A node of the command tree: subcommands, or the key of the table that describes the command. */
export interface CommandGroup<Name extends string> {
  readonly summary: string;
  readonly commands: Readonly<Record<string, Name | CommandGroup<Name>>>;
  /** Names that work and that help does not list: other spellings. */
  readonly unlisted?: readonly string[];
  /** Docker's commands that brig does not have yet: refused as such, and listed nowhere. */
  readonly later?: readonly string[];
  /** Names help lists first, at the root. */
  readonly common?: readonly string[];
}
