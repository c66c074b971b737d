import assert from "node:assert/strict";
import { test } from "node:test";
import { humanAge, humanDuration } from "./human-time.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** The cases of go-units' own tests, and the edges between them. */
const spans: readonly (readonly [number, string])[] = [
  [450, "Less than a second"],
  [-second, "Less than a second"],
  [second, "1 second"],
  [45 * second, "45 seconds"],
  [59.9 * second, "59 seconds"],
  [minute, "About a minute"],
  [3 * minute, "3 minutes"],
  [35 * minute, "35 minutes"],
  [59 * minute, "59 minutes"],
  [hour, "About an hour"],
  [hour + 29 * minute, "About an hour"],
  [hour + 31 * minute, "2 hours"],
  [3 * hour, "3 hours"],
  [1 * day, "24 hours"],
  [47.4 * hour, "47 hours"],
  [2 * day, "2 days"],
  [7 * day, "7 days"],
  [13 * day + 5 * hour, "13 days"],
  [4 * 7 * day, "4 weeks"],
  [4 * 7 * day + 3 * day, "4 weeks"],
  [2 * 30 * day, "2 months"],
  [23 * 30 * day, "23 months"],
  [2 * 365 * day, "2 years"],
  [(3 * 365 + 2 * 30) * day, "3 years"],
];

test("spans of time are told in the words of docker ps", () => {
  for (const [milliseconds, words] of spans) assert.equal(humanDuration(milliseconds), words);
  assert.equal(humanAge(1000, 6000), "5 seconds ago");
});
