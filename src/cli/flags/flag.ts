/**
 * The data a command line is described with: flag types, flags and what the parsed options look like.
 *
 * A command's flags are one record: its keys are the options' names in TypeScript (`cpuShares`), and the long
 * flags are the same names with dashes (`--cpu-shares`). Parser, help, completion and manual pages all read
 * this record, and TypeScript infers the parsed options from it. Building it must stay free of work: it is
 * evaluated at every start of the command.
 */

/** How the text after a flag becomes a value. */
export interface FlagType<Value, Initial = Value | undefined> {
  /** The placeholder in help texts (`string`, `list`, `bytes`); empty for a switch. */
  readonly word: string;
  /** What the option is while the flag was not given. */
  readonly initial: Initial;
  /** Reads one occurrence; `before` is the value of the occurrences before it. Throws an Error with the reason. */
  readonly read: (text: string, before: Value | undefined) => Value;
  /** The text a flag without `=value` stands for; a flag type that has it never takes the next argument. */
  readonly bare?: string;
  /** The reasons `read` gives are whole sentences, shown as they are (Docker checks such values after parsing). */
  readonly whole?: true;
}

// biome-ignore lint/suspicious/noExplicitAny: a type of any values; `OptionsOf` brings them back.
export type AnyType = FlagType<any, any>;

export interface Flag {
  readonly type: AnyType;
  readonly help: string;
  readonly short?: string;
  /** Other long names, not shown in help. */
  readonly aliases?: readonly string[];
  /** Former long names: they work, and a warning says what to use. */
  readonly retired?: readonly string[];
}

export type Flags = Readonly<Record<string, Flag>>;

/** The options that a record of flags parses into. */
export type OptionsOf<F extends Flags> = {
  readonly [K in keyof F]: F[K]["type"] extends FlagType<infer Value, infer Initial>
    ? Value | Initial
    : never;
};

/** The same type with another value while the flag was not given; help shows it as the default. */
export function initially<Value>(type: FlagType<Value, unknown>, initial: Value): FlagType<Value, Value> {
  return { ...type, initial };
}

/** `cpu-shares` → `cpuShares`; undefined for a name that no key stands for. */
export function keyOf(name: string): string | undefined {
  const [first = "", ...rest] = name.split("-");
  const key = first + rest.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join("");
  return longName(key) === name ? key : undefined;
}

/** `cpuShares` → `cpu-shares`. */
export function longName(key: string): string {
  let name = "";
  for (const c of key) name += c >= "A" && c <= "Z" ? `-${c.toLowerCase()}` : c;
  return name;
}
