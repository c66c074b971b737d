/**
 * Parameters of a query: one description gives the type, the parser, and what the OpenAPI document says. They are read
 * as Docker reads them, before anything is done.
 */

import { BrigError } from "../base/errors.ts";
import type { Filters } from "../docker/filter/filters.ts";
import { refusing } from "../docker/request/refusing.ts";
import { parseDetachKeys } from "../docker/text/detach-keys.ts";
import { type Moment, parseMoment } from "../docker/text/moment.ts";
import type { JsonSchema } from "../spec/schema/schema.ts";

export interface Parameter<T> {
  readonly help: string;
  readonly json: JsonSchema;
  /** Where the value is a JSON document itself. */
  readonly document?: true;
  /** From the values that were given, none where it was not said. Throws in Docker's words. */
  readonly read: (given: readonly string[]) => T;
}

export type Query = Readonly<Record<string, Parameter<unknown>>>;
export type Values<Q extends Query> = { readonly [K in keyof Q]: ReturnType<Q[K]["read"]> };

/** What a query says of the parameters that are declared; others are passed over, as by Docker. */
export function valuesOf<Q extends Query>(query: Q, given: URLSearchParams): Values<Q> {
  const values = Object.entries(query).map(([name, { read }]) => [name, read(given.getAll(name))] as const);
  return Object.fromEntries(values) as Values<Q>;
}

/** Everything is true but these. */
const untrue: readonly string[] = ["", "0", "no", "false", "none"];

export function flag(help: string, otherwise = false): Parameter<boolean> {
  return {
    help,
    json: { type: "boolean", default: otherwise },
    read: ([value]) => (value === undefined ? otherwise : !untrue.includes(value.trim().toLowerCase())),
  };
}

/** The empty text where it was not said. */
export function text(help: string): Parameter<string> {
  return { help, json: { type: "string" }, read: ([value = ""]) => value };
}

/** Said as often as there are values. */
export function texts(help: string): Parameter<readonly string[]> {
  return { help, json: { type: "array", items: { type: "string" } }, read: (given) => given };
}

/** A whole number; undefined where it was not said. */
export function integer(help: string): Parameter<number | undefined> {
  return {
    help,
    json: { type: "integer" },
    read([value = ""]) {
      if (value === "") return undefined;
      if (!/^[+-]?\d{1,15}$/.test(value))
        throw new BrigError("invalid", `strconv.Atoi: parsing ${JSON.stringify(value)}: invalid syntax`);
      return Number(value);
    },
  };
}

/** One of some words, the first of them where it was not said; `complaint` stands before any other. */
export function word<const W extends readonly [string, ...string[]]>(
  help: string,
  words: W,
  complaint: string,
): Parameter<W[number]> {
  return {
    help,
    json: { type: "string", enum: words, default: words[0] },
    read([value = ""]) {
      const found = words.find((known) => known === (value || words[0]));
      if (found === undefined) throw new BrigError("invalid", `${complaint}: ${JSON.stringify(value)}`);
      return found;
    },
  };
}

/** A point in time; undefined where it was not said. */
export function moment(help: string): Parameter<Moment | undefined> {
  return {
    help,
    json: { type: "string" },
    read: ([value = ""]) => refusing(() => parseMoment(value)),
  };
}

/** Names of keys; the usual ones where none were said. */
export function keys(help: string): Parameter<Uint8Array> {
  return {
    help,
    json: { type: "string" },
    read: ([value = ""]) => refusing(() => parseDetachKeys(value)),
  };
}

/** `filters={"label":["a"]}`, or in old clients `{"label":{"a":true}}`. */
export function filters(help: string): Parameter<Filters> {
  const list = { type: "array", items: { type: "string" } };
  const set = { type: "object", additionalProperties: { type: "boolean" } };
  return {
    help,
    json: { type: "object", additionalProperties: { anyOf: [list, set] } },
    document: true,
    read: ([value = ""]) => (value === "" ? {} : filtersOf(value)),
  };
}

function filtersOf(text: string): Filters {
  const invalid = () => new BrigError("invalid", "invalid filter");
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw invalid();
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) throw invalid();
  const found: Record<string, readonly string[]> = Object.create(null);
  for (const [key, value] of Object.entries(parsed)) {
    const values: unknown[] = Array.isArray(value)
      ? value
      : Object.entries((value ?? {}) as object).flatMap(([name, held]) => (held ? [name] : []));
    if (!values.every((each) => typeof each === "string")) throw invalid();
    found[key] = values as string[];
  }
  return found;
}
