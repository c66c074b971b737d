import assert from "node:assert/strict";
import { test } from "node:test";
import { complete } from "../flags/complete.ts";
import { brig } from "./program.ts";

const words = (line: string) => complete(brig, line.split(" ")).words.map(({ text }) => text);
const operand = (line: string) => complete(brig, line.split(" ")).operand;

test("names of commands are completed, at the root and in groups, without spellings that are not listed", () => {
  assert.deepEqual(words("ren"), ["rename"]);
  assert.deepEqual(words("volume "), ["create", "inspect", "ls", "prune", "rm"]);
  assert.deepEqual(words("container re"), ["rename", "restart"]);
  assert.ok(!words("").includes("settle"));
  assert.deepEqual(words("no-such "), []);
});

test("flags are completed where flags may stand", () => {
  assert.deepEqual(words("run --memory-"), ["--memory-reservation", "--memory-swap"]);
  assert.deepEqual(words("ps --no"), ["--no-trunc"]);
  assert.deepEqual(words("--ro"), ["--root"]);
  assert.deepEqual(words("run image --mem"), []);
  assert.deepEqual(words("logs one --fol"), ["--follow"]);
});

const operands: readonly (readonly [line: string, operand: string | undefined])[] = [
  ["rm ", "CONTAINER"],
  ["rm one tw", "CONTAINER"],
  ["rm -f o", "CONTAINER"],
  ["run ", "IMAGE"],
  ["run -it --name x ", "IMAGE"],
  ["run -v ", "FILE"],
  ["run image ", "FILE"],
  ["--root /r rm ", "CONTAINER"],
  ["--root ", "FILE"],
  ["volume rm ", "VOLUME"],
  ["network inspect ", "NETWORK"],
  ["inspect ", "NAME|ID"],
  ["logs one ", undefined],
];

test("of an operand it is told what kind of thing it is", () => {
  for (const [line, expected] of operands) assert.equal(operand(line), expected, line);
});
