/**
 * Reads flags as pflag does, which is how Docker's command line reads them.
 *
 * `--name value`, `--name=value`, `-n value`, `-nvalue`, `-n=value`, clusters of switches (`-it`), `--` ends the
 * flags, a lone `-` is an operand. A type with a bare value never takes the next argument. The error texts are
 * those of pflag 1.0; the tests compare them with a real Docker's.
 */

import { messageOf } from "../../base/errors.ts";
import { quote } from "../../docker/text/quote.ts";
import type { CommandTable } from "./command.ts";
import { type Flag, type Flags, keyOf, longName, type OptionsOf } from "./flag.ts";
import { toggle } from "./types/toggle.ts";
import { FlagError } from "./usage-error.ts";

export interface ParsedFlags<F extends Flags> {
  readonly options: OptionsOf<F>;
  readonly operands: readonly string[];
  /** The options that were given, whatever their value. */
  readonly given: ReadonlySet<keyof F & string>;
  /** `--help` was asked for: nothing else matters. */
  readonly help: boolean;
  /** Lines for stderr: deprecated flags. */
  readonly warnings: readonly string[];
}

export function parseFlags<F extends Flags>(table: CommandTable<F>, argv: readonly string[]): ParsedFlags<F> {
  const values = new FlagValues(table);
  const operands: string[] = [];
  const rest = argv.values();
  for (const argument of rest) {
    if (argument === "--") {
      operands.push(...rest);
    } else if (argument.startsWith("--")) {
      readLong(values, argument, rest);
    } else if (argument.length > 1 && argument.startsWith("-")) {
      readShorts(values, argument.slice(1), rest);
    } else {
      operands.push(argument);
      if (table.interspersed === false) operands.push(...rest);
    }
  }
  return values.parsed(operands);
}

function readLong(values: FlagValues<Flags>, argument: string, rest: Iterator<string>): void {
  const equals = argument.indexOf("=");
  const name = argument.slice(2, equals < 0 ? undefined : equals);
  if (name === "" || name.startsWith("-")) throw new FlagError(`bad flag syntax: ${argument}`);
  const found = values.long(name);
  if (!found) throw new FlagError(`unknown flag: --${name}`);
  const text = equals >= 0 ? argument.slice(equals + 1) : (found.flag.type.bare ?? next(rest));
  if (text === undefined) throw new FlagError(`flag needs an argument: ${argument}`);
  values.set(found, text);
}

function readShorts(values: FlagValues<Flags>, cluster: string, rest: Iterator<string>): void {
  for (let left = cluster; left !== ""; ) {
    const found = values.short(left[0]!);
    if (!found) throw new FlagError(`unknown shorthand flag: '${left[0]}' in -${left}`);
    const { bare } = found.flag.type;
    const attached = left.length > 2 && left[1] === "=" ? left.slice(2) : undefined;
    const text = attached ?? bare ?? (left.length > 1 ? left.slice(1) : next(rest));
    if (text === undefined) throw new FlagError(`flag needs an argument: '${left}' in -${left}`);
    values.set(found, text);
    left = attached === undefined && bare !== undefined ? left.slice(1) : "";
  }
}

function next(rest: Iterator<string>): string | undefined {
  const { done, value } = rest.next();
  return done ? undefined : value;
}

/** A flag with the name it was found by, which error texts repeat. */
export interface FoundFlag {
  readonly key: string;
  readonly name: string;
  readonly flag: Flag;
}

const help: FoundFlag = { key: "help", name: "help", flag: { type: toggle, help: "Print usage" } };

/** The values read so far, by option; shared by the grammars of Docker's and of runc's command line. */
export class FlagValues<F extends Flags> {
  readonly #table: CommandTable<F>;
  readonly #given = new Map<string, unknown>();
  readonly #warnings: string[] = [];

  constructor(table: CommandTable<F>) {
    this.#table = table;
  }

  long(name: string): FoundFlag | undefined {
    const own = keyOf(name);
    if (own !== undefined && Object.hasOwn(this.#table.flags, own))
      return { key: own, name, flag: this.#table.flags[own]! };
    this.#refuse(name, `--${name}`);
    for (const key in this.#table.flags) {
      const flag = this.#table.flags[key]!;
      if (flag.aliases?.includes(name)) return { key, name, flag };
      if (flag.retired?.includes(name)) {
        this.#warnings.push(`Flag --${name} has been deprecated, use --${longName(key)} instead`);
        return { key, name, flag };
      }
    }
    return name === "help" ? help : undefined;
  }

  short(letter: string): FoundFlag | undefined {
    for (const key in this.#table.flags) {
      const flag = this.#table.flags[key]!;
      if (flag.short === letter) return { key, name: longName(key), flag };
    }
    this.#refuse(letter, `-${letter}`);
    if (letter !== "h") return undefined;
    this.#warnings.push("Flag shorthand -h has been deprecated, use --help");
    return help;
  }

  set({ key, name, flag }: FoundFlag, text: string): void {
    try {
      this.#given.set(key, flag.type.read(text, this.#given.get(key)));
    } catch (cause) {
      if (cause instanceof FlagError) throw cause;
      if (flag.type.whole) throw new FlagError(messageOf(cause), { whole: true, value: true, cause });
      const shown = flag.short && name === longName(key) ? `-${flag.short}, --${name}` : `--${name}`;
      throw new FlagError(`invalid argument ${quote(text)} for "${shown}" flag: ${messageOf(cause)}`, {
        cause,
      });
    }
  }

  parsed(operands: readonly string[]): ParsedFlags<F> {
    const options: Record<string, unknown> = {};
    for (const key in this.#table.flags) {
      options[key] = this.#given.has(key) ? this.#given.get(key) : this.#table.flags[key]!.type.initial;
    }
    return {
      options: options as OptionsOf<F>,
      operands,
      given: new Set(this.#given.keys()) as ReadonlySet<keyof F & string>,
      help: !("help" in this.#table.flags) && this.#given.get("help") === true,
      warnings: this.#warnings,
    };
  }

  #refuse(name: string, shown: string): void {
    for (const [reason, names] of Object.entries(this.#table.refused ?? {})) {
      if (names.includes(name)) throw new FlagError(`${shown} is not supported: ${reason}`, { whole: true });
    }
  }
}
