import assert from "node:assert/strict";
import { test } from "node:test";
import { annotatedProperties } from "./annotations.ts";
import { parseVariantText } from "./variant-text.ts";

// biome-ignore format: a table
const texts: readonly (readonly [text: string, signature: string, value: unknown])[] = [
  ["true", "b", true],
  ["5", "i", 5],
  ["-5", "i", -5],
  ["uint64 5", "t", 5n],
  ["@t 5", "t", 5n],
  ["byte 0x2a", "y", 42],
  ["1.5", "d", 1.5],
  ["double 2", "d", 2],
  ["'one two'", "s", "one two"],
  [`"it's"`, "s", "it's"],
  [String.raw`'a\'b\n'`, "s", "a'b\n"],
  ["['a', 'b']", "as", ["a", "b"]],
  ["[[1], [2, 3]]", "aai", [[1], [2, 3]]],
  ["@as []", "as", []],
  ["@at [1, 2]", "at", [1n, 2n]],
  ["[uint32 1, 2]", "au", [1, 2]],
  ["objectpath '/x'", "o", "/x"],
];

for (const [text, signature, value] of texts)
  test(`the text ${text} is a value of the type ${signature}`, () =>
    assert.deepEqual(parseVariantText(text), { signature, value }));

test("text that is no value is none", () => {
  for (const text of [
    "",
    "five",
    "'open",
    "[1",
    "[1 2]",
    "[1,]",
    "[]",
    "[1, 'a']",
    "byte 256",
    "uint64 -1",
    "1 2",
    "@a 1",
    "uint32 'x'",
    "int32 1.5",
  ])
    assert.equal(parseVariantText(text), undefined, text);
});

test("annotations become properties, and seconds microseconds", () => {
  const annotations = {
    "org.systemd.property.CollectMode": "'inactive-or-failed'",
    "org.systemd.property.TimeoutStopSec": "12.5",
    "org.systemd.property.TimeoutStopUSec": "uint64 123456789",
    "org.systemd.property.After": "['a.service']",
    "org.example.other": "x",
  };
  assert.deepEqual(
    annotatedProperties(annotations).map(({ name, signature, value }) => [name, signature, value]),
    [
      ["CollectMode", "s", "inactive-or-failed"],
      ["TimeoutStopUSec", "t", 12_500_000n],
      ["TimeoutStopUSec", "t", 123_456_789n],
      ["After", "as", ["a.service"]],
    ],
  );
});

test("an annotation that is no property is refused", () => {
  for (const [name, text] of [
    ["org.systemd.property.X", "true"],
    ["org.systemd.property.lower", "true"],
    ["org.systemd.property.", "true"],
    ["org.systemd.property.Delegate", "yes"],
    ["org.systemd.property.TimeoutStopSec", "'x'"],
    ["org.systemd.property.TimeoutStopSec", "-1"],
  ] as const)
    assert.throws(
      () => annotatedProperties({ [name]: text }),
      /cannot use the annotation org\.systemd/,
      text,
    );
});
