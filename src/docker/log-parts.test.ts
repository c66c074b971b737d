import assert from "node:assert/strict";
import { test } from "node:test";
import { Parts } from "./log-parts.ts";

type Written = readonly [stream: "stdout" | "stderr", text: string];

function shown(...written: readonly Written[]): string {
  const parts = new Parts();
  const entries = written.map(([stream, text]) => ({ stream, time: "T", bytes: Buffer.from(text) }));
  return [...parts.of(entries, ({ time }) => `<${time}>`)].map(({ bytes }) => String(bytes)).join("");
}

const x = (length: number) => "x".repeat(length);

test("a line has one head, however many parts it came in", () => {
  assert.equal(
    shown(["stdout", "a"], ["stdout", "b"], ["stdout", "c\n"], ["stdout", "d\n"]),
    "<T>abc\n<T>d\n",
  );
  assert.equal(shown(["stdout", "\n"], ["stdout", "\n"]), "<T>\n<T>\n");
});

test("what the other stream says between the parts of a line changes nothing", () => {
  assert.equal(shown(["stdout", "a"], ["stderr", "e\n"], ["stdout", "b\n"]), "<T>a<T>e\nb\n");
});

test("a long line has a head after every 16 KiB, wherever it was cut before", () => {
  const expected = `<T>${x(16384)}<T>${x(16384)}<T>${x(7232)}\n`;
  assert.equal(shown(["stdout", `${x(40000)}\n`]), expected);
  assert.equal(shown(["stdout", x(10000)], ["stdout", x(29999)], ["stdout", "x\n"]), expected);
});

test("a line that fills a part ends with a part of its newline alone", () => {
  assert.equal(shown(["stdout", `${x(16383)}\n`], ["stdout", "end\n"]), `<T>${x(16383)}\n<T>end\n`);
  assert.equal(shown(["stdout", `${x(16384)}\n`], ["stdout", "end\n"]), `<T>${x(16384)}<T>\n<T>end\n`);
});
