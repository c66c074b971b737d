/** Lists of CPUs and memory nodes. */

import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import { test } from "node:test";
import { onlineList, parseList } from "./online.ts";

/** What the kernel writes or a user gives, and the numbers in it. */
const lists: readonly (readonly [string, readonly number[] | undefined])[] = [
  ["0", [0]],
  ["0-3", [0, 1, 2, 3]],
  ["0-1,8, 10-11", [0, 1, 8, 10, 11]],
  ["3-1", undefined],
  ["x", undefined],
  ["", undefined],
  ["0,", undefined],
  ["-1", undefined],
];

test("a list is read as the kernel writes it, and what is none is told apart", () => {
  for (const [text, numbers] of lists)
    assert.deepEqual(parseList(text), numbers && new Set(numbers), JSON.stringify(text));
});

test("the host's CPUs are as many as a process may use, or more", () => {
  assert(parseList(onlineList("cpu")!)!.size >= availableParallelism());
  assert.equal(onlineList("node", "/no/such/folder"), undefined);
});
