import assert from "node:assert/strict";
import { test } from "node:test";
import { quote } from "./quote.ts";

const quoted: readonly (readonly [string, string])[] = [
  ["x", '"x"'],
  ["", '""'],
  ['a"b\\', '"a\\"b\\\\"'],
  ["\t\n\r\x07\x00\x1b", '"\\t\\n\\r\\a\\x00\\x1b"'],
  ["é…", '"é…"'],
  ["\x7f\u0085", '"\\x7f\\u0085"'],
];

test("text is quoted as Go quotes it", () => {
  for (const [text, expected] of quoted) assert.equal(quote(text), expected);
});
