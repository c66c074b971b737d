/**
 * A whole command line: its tables, the tree of names that lead to them, and the dialect it is read in.
 */

import type { CommandGroup, CommandTable } from "./command.ts";
import type { Flags, OptionsOf } from "./flag.ts";
import type { ParsedFlags } from "./parse.ts";
import type { FlagError, UsageError } from "./usage-error.ts";

// biome-ignore lint/suspicious/noExplicitAny: tables of any flags; `Call` brings the types back.
export type Tables = Readonly<Record<string, CommandTable<any>>>;

export interface Program<T extends Tables = Tables, G extends Flags = Flags> {
  readonly name: string;
  readonly tables: T;
  readonly tree: CommandGroup<keyof T & string>;
  /** Flags before the command's name. */
  readonly globals: CommandTable<G>;
  readonly dialect: Dialect;
}

/** Declares a program; returns its argument, with the types of its tables kept. */
export function program<const T extends Tables, const G extends Flags>(
  definition: Program<T, G>,
): Program<T, G> {
  return definition;
}

/** The grammar of the flags and the wording of complaints. */
export interface Dialect {
  readonly parse: <F extends Flags>(table: CommandTable<F>, argv: readonly string[]) => ParsedFlags<F>;
  readonly flagError: (place: Place, error: FlagError, table: CommandTable) => UsageError;
  readonly operandError: (place: Place, table: CommandTable) => UsageError;
  /** `later`: Docker has it, and brig will. */
  readonly unknownCommand: (place: Place, name: string, later: boolean) => UsageError;
  readonly unknownTopic: (name: string) => UsageError;
}

/** Where in the command line a complaint arose. */
export interface Place {
  /** The program's name, for the head of a message. */
  readonly program: string;
  /** The names typed so far: `brig container run`. */
  readonly path: string;
  /** What may follow them: `[OPTIONS] IMAGE [COMMAND] [ARG...]`. */
  readonly usage: string;
}

/** A command with everything it was given. */
export type Call<P extends Program> = {
  [Name in keyof P["tables"] & string]: CallOf<P, Name>;
}[keyof P["tables"] & string];

export interface CallOf<P extends Program, Name extends keyof P["tables"] & string> {
  readonly kind: "call";
  readonly name: Name;
  /** As it was typed, for messages: `brig container run`. */
  readonly path: string;
  readonly options: P["tables"][Name] extends CommandTable<infer F> ? OptionsOf<F> : never;
  readonly operands: readonly string[];
  readonly given: ReadonlySet<string>;
  readonly globals: P["globals"] extends CommandTable<infer G> ? OptionsOf<G> : never;
  /** Lines for stderr, before anything else is printed. */
  readonly warnings: readonly string[];
}

/** One function per command; a program whose command has none does not compile. */
export type Handlers<P extends Program, Context, Result> = {
  readonly [Name in keyof P["tables"] & string]: (call: CallOf<P, Name>, context: Context) => Result;
};

/** Runs the handler of the command that was called. */
export function dispatch<P extends Program, Context, Result>(
  call: Call<P>,
  handlers: Handlers<P, Context, Result>,
  context: Context,
): Result {
  // TypeScript cannot see that the handler found by a call's name takes just that call.
  const handler = handlers[call.name] as unknown as (call: Call<P>, context: Context) => Result;
  return handler(call, context);
}
