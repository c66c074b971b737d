/**
 * Requests that nobody would send, made from the OpenAPI document: each parameter as it is declared, or as it is not, and
 * bodies that mostly have the shape they should have.
 *
 * What is executed is tame: whatever else a container gets, its command ends by itself and touches nothing, for it may well
 * have the host's root folder as a volume.
 */

import fc from "fast-check";

export interface Request {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body?: string;
  /** As the document has it, without its parts. */
  readonly pattern: string;
}

export type Json = Readonly<Record<string, unknown>>;

/** Values that stand where the document would allow any. */
export interface Tame {
  /** By the name of a field, a parameter or a part of a path. */
  readonly fields: Readonly<Record<string, fc.Arbitrary<unknown>>>;
  /** By the beginning of a path, where one name means several things. */
  readonly parts: Readonly<Record<string, fc.Arbitrary<string>>>;
}

export function requestsOf(document: Json, tame: Tame): fc.Arbitrary<Request> {
  const operations = Object.entries(document.paths as Record<string, Record<string, Json>>).flatMap(
    ([pattern, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        weight: weightOf(pattern),
        arbitrary: operationOf(method, pattern, operation, tame),
      })),
  );
  return fc.oneof(...operations);
}

/** What there is comes more often than what there is not, and containers come first. */
function weightOf(pattern: string): number {
  const found = weights.find(([beginning]) => pattern.startsWith(beginning));
  return found?.[1] ?? 1;
}

const weights: readonly (readonly [beginning: string, weight: number])[] = [
  ["/containers/create", 120],
  ["/containers/{name}/start", 60],
  ["/containers/{name}/exec", 40],
  ["/exec/", 30],
  ["/containers", 12],
  ["/images", 12],
  ["/volumes", 12],
  ["/networks", 12],
  ["/events", 6],
];

function operationOf(method: string, pattern: string, operation: Json, tame: Tame): fc.Arbitrary<Request> {
  const parameters = (operation.parameters ?? []) as readonly Json[];
  const query = Object.fromEntries(
    parameters
      .filter((parameter) => parameter.in === "query")
      .map((parameter) => [String(parameter.name), parameterOf(parameter, tame)]),
  );
  const parts = fc.array(partOf(pattern, tame), { minLength: 2, maxLength: 2 });
  const content = (operation.requestBody as Json | undefined)?.content as Record<string, Json> | undefined;
  const body = content ? bodyOf(content, tame) : sometimes(fc.constant("{}"), 0.1);
  return fc.record({ parts, query: fc.record(query, { requiredKeys: [] }), body, version }).map((made) => {
    let next = 0;
    const path = pattern.replace(/\{\w+\}/g, () => encodeURIComponent(made.parts[next++]!));
    const words = Object.entries(made.query).flatMap(([name, values = []]) =>
      values.map((value) => `${name}=${encodeURIComponent(value)}`),
    );
    return {
      method: method.toUpperCase(),
      pattern,
      path: `${made.version}${path}${words.length > 0 ? `?${words.join("&")}` : ""}`,
      ...(made.body === undefined ? {} : { body: made.body }),
    };
  });
}

const version = fc.oneof(
  { weight: 20, arbitrary: fc.constant("") },
  { weight: 20, arbitrary: fc.integer({ min: 24, max: 51 }).map((minor) => `/v1.${minor}`) },
  { weight: 1, arbitrary: fc.constantFrom("/v1.23", "/v1.52", "/v0.0", "/v9999.9999", "/v1") },
);

function partOf(pattern: string, { parts }: Tame): fc.Arbitrary<string> {
  const known = Object.entries(parts).find(([beginning]) => pattern.startsWith(beginning))?.[1];
  const junk = fc.constantFrom(
    "nosuch",
    "..",
    "../..",
    "a/b",
    " ",
    "\0",
    "%",
    "json",
    "é",
    "x".repeat(300),
    "-",
  );
  return known ? fc.oneof({ weight: 9, arbitrary: known }, { weight: 1, arbitrary: junk }) : junk;
}

function parameterOf(parameter: Json, tame: Tame): fc.Arbitrary<readonly string[]> {
  const content = parameter.content as Record<string, Json> | undefined;
  const schema = (content?.["application/json"]?.schema ?? parameter.schema) as Json;
  const name = String(parameter.name);
  const values = tame.fields[name] ?? someOf(schema, tame);
  const one = values.map((value) => (typeof value === "string" ? value : (JSON.stringify(value) ?? "")));
  const wrong = fc.string({ unit: "grapheme", maxLength: 20 });
  const said = fc.oneof({ weight: 9, arbitrary: one }, { weight: 1, arbitrary: wrong });
  return fc.array(said, { minLength: 1, maxLength: 2 });
}

function bodyOf(content: Readonly<Record<string, Json>>, tame: Tame): fc.Arbitrary<string | undefined> {
  const schema = content["application/json"]?.schema as Json | undefined;
  const bytes = fc.string({ unit: "binary", maxLength: 2000 });
  if (!schema) return bytes;
  const right = someOf(schema, tame).map((value) => JSON.stringify(value));
  return fc.oneof(
    { weight: 20, arbitrary: right },
    { weight: 1, arbitrary: fc.json() },
    { weight: 1, arbitrary: bytes },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );
}

/** What the schema allows, and now and then something else. */
function someOf(schema: Json, tame: Tame): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 60, arbitrary: allowed(schema, tame) },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 1 }) },
  );
}

function allowed(schema: Json, tame: Tame): fc.Arbitrary<unknown> {
  if (Array.isArray(schema.enum)) return fc.constantFrom(...(schema.enum as unknown[]));
  if (Array.isArray(schema.anyOf))
    return fc.oneof(...(schema.anyOf as Json[]).map((each) => allowed(each, tame)));
  const types = [schema.type ?? "any"].flat() as string[];
  return fc.oneof(...types.map((type) => (makers[type] ?? any)(schema, tame)));
}

const any = () => fc.jsonValue({ maxDepth: 2 });

const makers: Readonly<Record<string, (schema: Json, tame: Tame) => fc.Arbitrary<unknown>>> = {
  null: () => fc.constant(null),
  boolean: () => fc.boolean(),
  integer: () =>
    fc.oneof(
      fc.integer({ min: -1, max: 100 }),
      fc.constantFrom(0, 2 ** 31, -(2 ** 31), 2 ** 53, 1e20),
      fc.maxSafeInteger(),
    ),
  string: (schema) =>
    fc.oneof(
      fc.constantFrom(
        "",
        "a",
        "0",
        "-1",
        "80/tcp",
        "host",
        "none",
        "private",
        "container:f1",
        "bridge",
        "127.0.0.1",
      ),
      fc.string({ unit: "grapheme", maxLength: 12 }),
      ...("pattern" in schema ? [] : [fc.string({ unit: "binary", maxLength: 12 })]),
    ),
  array: (schema, tame) => fc.array(someOf((schema.items ?? {}) as Json, tame), { maxLength: 3 }),
  object: (schema, tame) => {
    const { properties, additionalProperties } = schema as { properties?: Json; additionalProperties?: Json };
    if (!properties)
      return fc.dictionary(
        fc.constantFrom("a", "b", "80/tcp", "53/udp", "/data", "type", "__proto__", "bridge", ""),
        someOf(additionalProperties ?? {}, tame),
        { maxKeys: 3 },
      );
    const fields = Object.entries(properties).map(([name, each]) => {
      const value = tame.fields[name] ?? someOf(each as Json, tame);
      // Most of so many are not said, else no request would get far.
      const few = Object.keys(properties).length < 10;
      const often = name === "Image" || name === "Cmd" ? 20 : few ? 3 : name in tame.fields ? 0.15 : 0.03;
      return sometimes(value, often).map((said) => [name, said] as const);
    });
    return fc
      .tuple(...fields)
      .map((pairs) => Object.fromEntries(pairs.filter(([, said]) => said !== undefined)));
  },
};

/** The value, `often` times for each time that it is not said. */
function sometimes<T>(value: fc.Arbitrary<T>, often: number): fc.Arbitrary<T | undefined> {
  const weight = Math.max(1, Math.round(often * 100));
  return fc.oneof({ weight, arbitrary: value }, { weight: 100, arbitrary: fc.constant(undefined) });
}
