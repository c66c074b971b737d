/** What Docker 28.2 made of each value, seen in the requests it sends. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseBoolean } from "../../../docker/text/boolean.ts";
import { parseDuration } from "../../../docker/text/duration.ts";
import { parseSize, swapBytes } from "./bytes.ts";
import { parseCsv } from "./csv.ts";
import { parseNanoCpus } from "./decimal.ts";
import { integer, unsigned16 } from "./integer.ts";
import { map, strings } from "./text.ts";

type Facts = readonly (readonly [string, unknown])[];

function readsAs(read: (text: string) => unknown, facts: Facts): void {
  for (const [text, expected] of facts) assert.deepEqual(read(text), expected, text);
}

function refuses(read: (text: string) => unknown, facts: Facts): void {
  for (const [text, message] of facts) assert.throws(() => read(text), { message }, text);
}

test("sizes are numbers with units of 1024", () => {
  readsAs(parseSize, [
    ["512", 512],
    ["5b", 5],
    ["3B", 3],
    ["1k", 1024],
    ["1kb", 1024],
    ["1KiB", 1024],
    ["1 g", 2 ** 30],
    [".5g", 2 ** 29],
    ["1.", 1],
    ["1.7", 1],
    ["1.5g", 1.5 * 2 ** 30],
    ["+5m", 5 * 2 ** 20],
    ["1e3", 1000],
    ["1e3k", 1_024_000],
    ["1p", 2 ** 50],
  ]);
  refuses(parseSize, [
    ["", "invalid size: ''"],
    ["x", "invalid size: 'x'"],
    ["g", "invalid size: 'g'"],
    ["-1", "invalid size: '-1'"],
    ["nan", "invalid size: 'nan'"],
    ["1z", "invalid suffix: 'z'"],
    ["1e", "invalid suffix: 'e'"],
    ["1ib", "invalid suffix: 'ib'"],
    ["1gg", "invalid suffix: 'gg'"],
    ["1g5", 'strconv.ParseFloat: parsing "1g5": invalid syntax'],
    [" 5m", 'strconv.ParseFloat: parsing " 5": invalid syntax'],
    ["1,5g", 'strconv.ParseFloat: parsing "1,5": invalid syntax'],
    ["0x10", 'strconv.ParseFloat: parsing "0x10": invalid syntax'],
  ]);
});

test("swap may be unlimited", () => {
  readsAs(
    (text) => swapBytes.read(text, undefined),
    [
      ["-1", -1],
      ["1m", 2 ** 20],
    ],
  );
  refuses((text) => swapBytes.read(text, undefined), [["-2", "invalid size: '-2'"]]);
});

test("CPUs are exact fractions, counted in billionths", () => {
  readsAs(parseNanoCpus, [
    ["1.5", 1_500_000_000],
    ["1/2", 500_000_000],
    ["010/2", 4_000_000_000],
    ["010", 10_000_000_000],
    ["0x1", 1_000_000_000],
    ["0b1", 1_000_000_000],
    ["1e-3", 1_000_000],
    ["1.5e1", 15_000_000_000],
    [".5", 500_000_000],
    ["5.", 5_000_000_000],
    ["+2", 2_000_000_000],
    ["-1", -1_000_000_000],
    ["0", 0],
    ["1_0", 10_000_000_000],
    ["0.123456789", 123_456_789],
  ]);
  refuses(parseNanoCpus, [
    ["", "failed to parse  as a rational number"],
    ["x", "failed to parse x as a rational number"],
    [" 1", "failed to parse  1 as a rational number"],
    ["1e", "failed to parse 1e as a rational number"],
    ["1/0", "failed to parse 1/0 as a rational number"],
    ["1.5/2", "failed to parse 1.5/2 as a rational number"],
    ["1e999999999", "failed to parse 1e999999999 as a rational number"],
    ["0.0000000001", "value is too precise"],
    ["1/3", "value is too precise"],
  ]);
});

test("integers have Go's bases and 64 bits", () => {
  readsAs(
    (text) => integer.read(text, undefined),
    [
      ["0x10", 16],
      ["010", 8],
      ["0o17", 15],
      ["0b11", 3],
      ["1_000", 1000],
      ["-5", -5],
      ["+5", 5],
      ["0", 0],
      ["00", 0],
    ],
  );
  refuses(
    (text) => integer.read(text, undefined),
    [
      ["", 'strconv.ParseInt: parsing "": invalid syntax'],
      [" 1", 'strconv.ParseInt: parsing " 1": invalid syntax'],
      ["08", 'strconv.ParseInt: parsing "08": invalid syntax'],
      ["1__0", 'strconv.ParseInt: parsing "1__0": invalid syntax'],
      ["0_8", 'strconv.ParseInt: parsing "0_8": invalid syntax'],
      ["--1", 'strconv.ParseInt: parsing "--1": invalid syntax'],
      ["9223372036854775808", 'strconv.ParseInt: parsing "9223372036854775808": value out of range'],
    ],
  );
  refuses(
    (text) => unsigned16.read(text, undefined),
    [
      ["+5", 'strconv.ParseUint: parsing "+5": invalid syntax'],
      ["65536", 'strconv.ParseUint: parsing "65536": value out of range'],
    ],
  );
});

test("durations are sums of numbers with units", () => {
  readsAs(parseDuration, [
    ["1s", 1000],
    ["1m30s", 90_000],
    ["1.5h", 5_400_000],
    ["100ms", 100],
    ["1us", 0.001],
    ["1µs", 0.001],
    ["0", 0],
    [".5s", 500],
    ["+3s", 3000],
    ["-1s", -1000],
    ["1h1m1.5s", 3_661_500],
  ]);
  refuses(parseDuration, [
    ["", 'time: invalid duration ""'],
    ["x", 'time: invalid duration "x"'],
    ["s", 'time: invalid duration "s"'],
    [".s", 'time: invalid duration ".s"'],
    ["5", 'time: missing unit in duration "5"'],
    ["1h1", 'time: missing unit in duration "1h1"'],
    ["1x", 'time: unknown unit "x" in duration "1x"'],
    ["1d", 'time: unknown unit "d" in duration "1d"'],
  ]);
});

test("switches take the spellings of Go's booleans", () => {
  readsAs(parseBoolean, [
    ["t", true],
    ["True", true],
    ["1", true],
    ["0", false],
    ["FALSE", false],
  ]);
  refuses(parseBoolean, [
    ["", 'strconv.ParseBool: parsing "": invalid syntax'],
    ["tRUE", 'strconv.ParseBool: parsing "tRUE": invalid syntax'],
    ["toString", 'strconv.ParseBool: parsing "toString": invalid syntax'],
  ]);
});

test("comma-separated fields may be quoted", () => {
  readsAs(parseCsv, [
    ["a,b", ["a", "b"]],
    ["a,", ["a", ""]],
    [",", ["", ""]],
    ['"a,b",c', ["a,b", "c"]],
    ['"a""b"', ['a"b']],
    ['""', [""]],
  ]);
  refuses(parseCsv, [
    ["", "EOF"],
    ['a"b', 'parse error on line 1, column 2: bare " in non-quoted-field'],
    ['x,é"b', 'parse error on line 1, column 5: bare " in non-quoted-field'],
    ['"a', 'parse error on line 1, column 3: extraneous or missing " in quoted-field'],
    ['"a"b', 'parse error on line 1, column 3: extraneous or missing " in quoted-field'],
  ]);
});

test("lists of both kinds and maps grow with each occurrence", () => {
  assert.deepEqual(strings.read("b,c", ["a"]), ["a", "b", "c"]);
  assert.deepEqual(strings.read("", undefined), []);
  assert.deepEqual(map.read("c=d=e", { a: "b" }), { a: "b", c: "d=e" });
  assert.deepEqual(map.read("__proto__=x", undefined), Object.fromEntries([["__proto__", "x"]]));
});
