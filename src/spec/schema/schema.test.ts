import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { formatJson, parseJson } from "./json.ts";
import { boolean, int64, integer, kernelText, oneOf, text, uint64 } from "./scalars.ts";
import { defaulted, list, object, omitEmpty, optional, record, type Schema } from "./schema.ts";

const read = <T>(schema: Schema<T>, json: string) => parseJson(schema, json, "a.json", 1_000_000);

describe("a schema", () => {
  const inner = object({ limit: optional(int64), name: omitEmpty(text), on: defaulted(boolean, true) });
  const outer = object({
    inner,
    items: optional(list(inner)),
    map: optional(record(text)),
    kind: optional(oneOf(["a", "b"])),
  });

  const errors: readonly (readonly [json: string, message: string])[] = [
    ["[]", "a.json: must be an object"],
    ["null", "a.json: must be an object"],
    ["{}", "a.json: inner: is required"],
    ['{"inner":null}', "a.json: inner: is required"],
    ['{"inner":{"limit":"1"}}', "a.json: inner.limit: must be an integer"],
    ['{"inner":{"limit":1.5}}', "a.json: inner.limit: must be an integer"],
    [
      '{"inner":{"limit":9223372036854775808}}',
      "a.json: inner.limit: must be from -9223372036854775808 to 9223372036854775807",
    ],
    ['{"inner":{"limit":1e20}}', "a.json: inner.limit: must be an integer"],
    ['{"inner":{"on":1}}', "a.json: inner.on: must be true or false"],
    ['{"inner":{},"items":{}}', "a.json: items: must be an array"],
    ['{"inner":{},"items":[{},{"name":7}]}', "a.json: items[1].name: must be a string"],
    ['{"inner":{},"items":[null]}', "a.json: items[0]: must be an object"],
    ['{"inner":{},"map":{"a.b c":1}}', 'a.json: map["a.b c"]: must be a string'],
    ['{"inner":{},"map":{"\\u001b[31m":1}}', 'a.json: map["\\u001b[31m"]: must be a string'],
    ['{"inner":{},"kind":"c"}', 'a.json: kind: must be one of a, b; not "c"'],
  ];
  for (const [json, message] of errors) {
    test(`refuses ${json}: ${message}`, () => {
      assert.throws(() => read(outer, json), { name: "BrigError", kind: "invalid", message });
    });
  }

  test("ignores unknown fields and keeps them nowhere", () => {
    assert.deepEqual(read(outer, '{"inner":{"more":1},"more":{}}'), { inner: { on: true } });
  });

  test("takes null and, where Go would omit it, the empty string as absent", () => {
    assert.deepEqual(read(inner, '{"limit":null,"name":"","on":null}'), { on: true });
  });

  test("lets the last of duplicate keys count, as Go does", () => {
    assert.deepEqual(read(inner, '{"name":"a","name":"b"}'), { name: "b", on: true });
  });

  test("finds no field in a prototype", () => {
    const strange = object({ constructor: optional(text), toString: optional(text) });
    assert.deepEqual(Object.keys(read(strange, "{}")), []);
    assert.deepEqual(Object.keys(read(inner, '{"__proto__":{"name":"a"}}')), ["on"]);
  });

  test("takes __proto__ as any other key of a map", () => {
    const map = read(record(text), '{"__proto__":"a","constructor":"b"}');
    assert.deepEqual(Object.entries(map), [
      ["__proto__", "a"],
      ["constructor", "b"],
    ]);
    assert.equal(read(record(text), "{}").toString, undefined);
  });

  test("refuses a NUL byte in text for the kernel only", () => {
    assert.equal(read(text, '"a\\u0000b"'), "a\0b");
    assert.throws(() => read(kernelText, '"a\\u0000b"'), { message: "a.json: must not contain a NUL byte" });
  });
});

describe("JSON", () => {
  test("keeps every bit of 64-bit integers", () => {
    const numbers = object({ a: uint64, b: int64, c: uint64, d: uint64 });
    const json = '{"a":18446744073709551615,"b":-9223372036854775808,"c":9007199254740993,"d":42}';
    const value = read(numbers, json);
    assert.deepEqual(value, { a: 2n ** 64n - 1n, b: -(2n ** 63n), c: 2n ** 53n + 1n, d: 42 });
    assert.equal(formatJson(value), json);
  });

  test("refuses a safe integer's field an unsafe one", () => {
    const small = integer(0, 10);
    assert.throws(() => read(small, "9007199254740993"), { message: "a.json: must be from 0 to 10" });
    assert.throws(() => read(small, `${"9".repeat(100_000)}`), { name: "BrigError" });
  });

  const broken = ["", "{", "{'a':1}", '{"a":1}}', "\ufeff{}", "[1,]", "NaN", '"\x01"', "\0"];
  for (const json of broken) {
    test(`refuses ${JSON.stringify(json)} in one line without control characters`, () => {
      assert.throws(
        () => read(text, json),
        (error: Error) =>
          error.name === "BrigError" && /^a\.json: is not valid JSON: [^\x00-\x1f]+$/.test(error.message),
      );
    });
  }

  test("survives a depth that would exhaust the stack", () => {
    const deep = `{"unknown":${"[".repeat(400_000)}12345678901234567890${"]".repeat(400_000)}}`;
    assert.throws(() => read(object({}), deep), {
      name: "BrigError",
      message: "a.json: is nested too deeply",
    });
  });

  test("refuses a document that is longer than it may be", () => {
    assert.throws(() => parseJson(text, '"aaaa"', "a.json", 5), {
      message: "a.json: must not be longer than 5 characters",
    });
  });
});
