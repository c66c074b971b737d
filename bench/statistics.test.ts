import assert from "node:assert/strict";
import { test } from "node:test";
import { summarize } from "./statistics.ts";

test("the median lies in the middle and between two for an even number of samples", () => {
  assert.equal(summarize([5, 1, 3]).median, 3);
  assert.equal(summarize([4, 1, 3, 2]).median, 2.5);
});

test("p95 is the sample that at most one in twenty exceeds", () => {
  const samples = Array.from({ length: 100 }, (_, index) => index + 1);
  assert.deepEqual(summarize(samples), { runs: 100, median: 50.5, p95: 95, least: 1 });
  assert.equal(summarize([7]).p95, 7);
});
