import assert from "node:assert/strict";
import { constants } from "node:os";
import { test } from "node:test";
import { parseSignal, signalName } from "./signals.ts";

const readable: readonly (readonly [string, number])[] = [
  ["SIGTERM", 15],
  ["TERM", 15],
  ["sigterm", 15],
  ["15", 15],
  ["09", 9],
  ["CLD", 17],
  ["IOT", 6],
  ["POLL", 29],
  ["RTMIN", 34],
  ["SIGRTMIN+3", 37],
  ["rtmax-1", 63],
  ["RTMAX", 64],
  ["64", 64],
];

const refused = [
  "0",
  "65",
  "x",
  "",
  "-1",
  "0x9",
  " 9",
  "UNUSED",
  "INFO",
  "RTMIN+31",
  "RTMAX-31",
  "SIGSIGTERM",
  "toString",
];

test("signals are read by name, by number and relative to the real-time limits", () => {
  for (const [text, number] of readable) assert.equal(parseSignal(text), number, text);
});

test("what is no signal is refused", () => {
  for (const text of refused) {
    assert.throws(() => parseSignal(text), { kind: "invalid", message: `invalid signal: ${text}` }, text);
  }
});

test("every number has one name, which is read back as that number", () => {
  for (let number = 1; number <= 64; number++) {
    assert.equal(parseSignal(signalName(number)), number);
  }
  assert.deepEqual([6, 17, 29, 34, 37, 64, 32].map(signalName), [
    "SIGABRT",
    "SIGCHLD",
    "SIGIO",
    "SIGRTMIN",
    "SIGRTMIN+3",
    "SIGRTMAX",
    "32",
  ]);
});

test("the numbers are this kernel's", () => {
  for (const [name, number] of Object.entries(constants.signals))
    assert.equal(parseSignal(name), number, name);
});
