import assert from "node:assert/strict";
import { test } from "node:test";
import { DetachWatch } from "./detach.ts";

const p = "\x10";
const q = "\x11";

/** What was typed in which pieces, what the container sees, whether the terminal was detached. */
const sessions: readonly (readonly [readonly string[], string, boolean])[] = [
  [["abc"], "abc", false],
  [[p + q], "", true],
  [[p, q], "", true],
  [[`ab${p}`, `${q}cd`], "ab", true],
  [[p, "x"], `${p}x`, false],
  [[p, p, q], p, true],
  [[`${p}x${p}${q}`], `${p}x`, true],
  [[q, p], q, false],
];

test("the detach sequence never reaches the container, and everything else does", () => {
  for (const [pieces, expected, expectedDetached] of sessions) {
    const watch = new DetachWatch(Uint8Array.of(0x10, 0x11));
    let seen = "";
    let detached = false;
    for (const piece of pieces) {
      const result = watch.push(Buffer.from(piece));
      seen += Buffer.from(result.forward).toString();
      detached ||= result.detached;
    }
    assert.deepEqual([seen, detached], [expected, expectedDetached], JSON.stringify(pieces));
  }
});

test("without keys nothing detaches", () => {
  const input = Buffer.from(p + q);
  assert.deepEqual(new DetachWatch(new Uint8Array()).push(input), { forward: input, detached: false });
});
