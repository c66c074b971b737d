import assert from "node:assert/strict";
import { test } from "node:test";
import { attribute, attributesOf, bigU16, nest, readAttributes, readText, text, u32 } from "./attribute.ts";

test("an attribute is padded to four bytes and its length says how much of it counts", () => {
  assert.deepEqual([...attribute(3, text("lo"))], [7, 0, 3, 0, 0x6c, 0x6f, 0, 0]);
  assert.deepEqual([...attribute(1, u32(0x01020304))], [8, 0, 1, 0, 4, 3, 2, 1]);
  assert.deepEqual([...attribute(2, bigU16(80))], [6, 0, 2, 0, 0, 80, 0, 0]);
});

test("a nest is flagged, and reads back without the flag", () => {
  const outer = nest(18, attribute(1, text("veth")), nest(2, attribute(9, u32(7))));
  assert.equal(outer[3]! & 0x80, 0x80);
  const inner = readAttributes(readAttributes(outer).get(18)!);
  assert.equal(readText(inner.get(1)!), "veth");
  assert.deepEqual([...readAttributes(inner.get(2)!).keys()], [9]);
});

test("a cut-off attribute ends the walk instead of reading past the end", () => {
  const whole = attribute(1, u32(1));
  assert.deepEqual([...attributesOf(whole.subarray(0, 6))], []);
  assert.deepEqual([...attributesOf(Uint8Array.of(2, 0, 1, 0))], []);
});
