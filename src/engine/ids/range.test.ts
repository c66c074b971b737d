import assert from "node:assert/strict";
import { test } from "node:test";
import { freeRange, type IdRange, overlap } from "./range.ts";

const range = (first: number, size: number): IdRange => ({ first, size });
const pools = [range(100, 30), range(200, 30)];

/** What is taken, the size, from where on, and what comes of it. */
const table: readonly (readonly [string, readonly IdRange[], number, number, IdRange | undefined])[] = [
  ["the first of all is at the beginning of the pools", [], 10, 0, range(100, 10)],
  ["the next is behind the last", [range(100, 10)], 10, 110, range(110, 10)],
  ["one that is free again waits until the pools have been gone through", [], 10, 110, range(110, 10)],
  ["behind the last of a pool comes the next pool", [range(100, 10)], 10, 130, range(200, 10)],
  ["and behind the last pool the first one", [range(200, 30)], 10, 230, range(100, 10)],
  ["a range is not split over two pools", [range(100, 21)], 10, 121, range(200, 10)],
  ["a hole that is too small is passed over", [range(105, 10)], 10, 0, range(115, 10)],
  ["a hole that fits is used", [range(110, 20), range(200, 30)], 10, 130, range(100, 10)],
  ["nothing is free where all is taken", [range(90, 100), range(200, 30)], 1, 0, undefined],
  ["what is larger than any pool is never free", [], 31, 0, undefined],
];

for (const [title, taken, size, from, expected] of table)
  test(title, () => {
    const found = freeRange(pools, taken, size, from);
    assert.deepEqual(found, expected);
    assert.ok(!found || !taken.some((each) => overlap(each, found)));
  });
