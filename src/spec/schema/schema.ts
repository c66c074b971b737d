/**
 * Schemas: one description of a wire type gives its TypeScript type and its parser.
 *
 * A schema is a function from an unknown JSON value to a value of the described type; it throws a `BrigError` of
 * kind `invalid` that names the place ("config.json: linux.pids.limit: must be an integer").
 * Invariants: the result shares no object with the input; unknown fields are ignored and kept nowhere
 * (runtime-spec, config.md#extensibility); `null` means absent, as for Go's decoder; no key of the input can reach
 * a prototype; the depth of the recursion is that of the schema, never that of the input.
 */

import { BrigError } from "../../base/errors.ts";

/** `at` is the place of the value for error messages; a document's own place ends with a colon. */
export interface Schema<T> {
  (value: unknown, at: string): T;
  /** What it takes in the words of JSON Schema 2020-12, for documents; anything where that is not said. */
  readonly json?: () => JsonSchema;
}

export type JsonSchema = Readonly<Record<string, unknown>>;

/** A field of an object that may be left out; its schema may call more values than null absent. */
export interface OptionalField<T> {
  readonly optional: Schema<T | undefined>;
}

/** A field that has a value even when it is left out. */
export interface DefaultField<T> {
  readonly schema: Schema<T>;
  readonly otherwise: T;
}

type Field = Schema<unknown> | OptionalField<unknown> | DefaultField<unknown>;
type OptionalKeys<F> = { [K in keyof F]: F[K] extends OptionalField<unknown> ? K : never }[keyof F];
type Flat<T> = { readonly [K in keyof T]: T[K] };

/** The type that a schema describes. */
export type Infer<S> =
  S extends Schema<infer T>
    ? T
    : S extends OptionalField<infer T>
      ? T
      : S extends DefaultField<infer T>
        ? T
        : never;

type Shape<F> = Flat<
  { [K in Exclude<keyof F, OptionalKeys<F>>]: Infer<F[K]> } & { [K in OptionalKeys<F>]?: Infer<F[K]> }
>;

/** An object with the given fields; a field that is not `optional` must be present. */
export function object<const F extends Readonly<Record<string, Field>>>(
  fields: F,
  keysOf: (source: Record<string, unknown>) => Record<string, unknown> = (source) => source,
): Schema<Shape<F>> {
  const parseObject = (value: unknown, at: string) => {
    const source = keysOf(entriesOf(value, at));
    const result: Record<string, unknown> = {};
    for (const key in fields) {
      const field: Field = fields[key]!;
      // Own properties only: a field called like a member of Object.prototype must not be found there.
      const given = Object.hasOwn(source, key) ? source[key] : undefined;
      const parsed =
        given === undefined || given === null ? absent(field, at, key) : parse(field, given, at, key);
      if (parsed !== undefined) result[key] = parsed;
    }
    return result as Shape<F>;
  };
  return described(parseObject, () => ({
    type: "object",
    properties: Object.fromEntries(
      Object.entries<Field>(fields).map(([key, field]) => [key, fieldJson(field)]),
    ),
    ...requiredOf(fields),
  }));
}

/** The same, with keys in whatever case, as Go's decoder matches them; of two that are alike the later counts. */
export function looseObject<const F extends Readonly<Record<string, Field>>>(fields: F): Schema<Shape<F>> {
  const names = new Map(Object.keys(fields).map((name) => [name.toLowerCase(), name]));
  return object(fields, (source) => {
    const renamed: Record<string, unknown> = Object.create(null);
    for (const [key, value] of Object.entries(source)) {
      const name = names.get(key.toLowerCase());
      if (name !== undefined) renamed[name] = value;
    }
    return renamed;
  });
}

/** A field that may be absent or null. */
export function optional<T>(schema: Schema<T>): OptionalField<T> {
  return { optional: schema };
}

/** An optional field whose empty string also means absent, as Go's `string,omitempty` writes it. */
export function omitEmpty<T>(schema: Schema<T>): OptionalField<T> {
  const parseText = (value: unknown, at: string) => (value === "" ? undefined : schema(value, at));
  return { optional: described(parseText, () => jsonOf(schema)) };
}

/** A field whose absence means this value. */
export function defaulted<T>(schema: Schema<T>, otherwise: T): DefaultField<T> {
  return { schema, otherwise };
}

/** An array of `item`; a null entry is refused. */
export function list<T>(item: Schema<T>): Schema<readonly T[]> {
  const parseList = (value: unknown, at: string) => {
    if (!Array.isArray(value)) fail(at, "must be an array");
    return value.map((entry, index) => item(entry, under(at, `[${index}]`)));
  };
  return described(parseList, () => ({ type: "array", items: jsonOf(item) }));
}

/** A map from any key to `item`; it has no prototype, so that a key `__proto__` or `constructor` is only a key. */
export function record<T>(item: Schema<T>): Schema<Readonly<Record<string, T>>> {
  const parseRecord = (value: unknown, at: string) => {
    const result: Record<string, T> = Object.create(null);
    for (const [key, entry] of Object.entries(entriesOf(value, at)))
      result[key] = item(entry, place(at, key));
    return result;
  };
  return described(parseRecord, () => ({ type: "object", additionalProperties: jsonOf(item) }));
}

/** A parser of one's own, and what documents say that it takes. */
export function described<T>(parser: (value: unknown, at: string) => T, json: () => JsonSchema): Schema<T> {
  return Object.assign(parser, { json });
}

/** What a schema takes, in the words of JSON Schema. */
export function jsonOf({ json }: Schema<unknown>): JsonSchema {
  return json?.() ?? {};
}

/** The place of a field: "config.json: linux" → "config.json: linux.sysctl". */
export function place(at: string, key: string): string {
  if (!plainKey.test(key)) return under(at, `[${quote(key)}]`);
  return at.endsWith(":") ? `${at} ${key}` : `${at}.${key}`;
}

/** Refuses the value at this place. */
export function fail(at: string, reason: string): never {
  throw new BrigError("invalid", at.endsWith(":") ? `${at} ${reason}` : `${at}: ${reason}`);
}

/** Text of unknown origin as it may stand in a message: escaped, and cut to a length that fits a line. */
export function quote(text: string): string {
  return JSON.stringify(text.length > quotedLength ? `${text.slice(0, quotedLength)}…` : text);
}

const quotedLength = 64;
const plainKey = /^[A-Za-z_][A-Za-z0-9_-]{0,63}$/;

function under(at: string, bracketed: string): string {
  return at.endsWith(":") ? `${at} ${bracketed}` : at + bracketed;
}

function absent(field: Field, at: string, key: string): unknown {
  if (typeof field === "function") fail(place(at, key), "is required");
  return "otherwise" in field ? field.otherwise : undefined;
}

function parse(field: Field, given: unknown, at: string, key: string): unknown {
  const schema = typeof field === "function" ? field : "optional" in field ? field.optional : field.schema;
  return schema(given, place(at, key));
}

function fieldJson(field: Field): JsonSchema {
  if (typeof field === "function") return jsonOf(field);
  return "optional" in field
    ? orNull(jsonOf(field.optional))
    : { ...orNull(jsonOf(field.schema)), default: field.otherwise };
}

/** What is null is absent. */
function orNull(json: JsonSchema): JsonSchema {
  return "type" in json && !("enum" in json)
    ? { ...json, type: [json.type, "null"].flat() }
    : { anyOf: [json, { type: "null" }] };
}

function requiredOf(fields: Readonly<Record<string, Field>>): JsonSchema {
  const required = Object.keys(fields).filter((key) => typeof fields[key] === "function");
  return required.length === 0 ? {} : { required };
}

function entriesOf(value: unknown, at: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) fail(at, "must be an object");
  return value as Record<string, unknown>;
}
