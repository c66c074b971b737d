import assert from "node:assert/strict";
import { test } from "node:test";
import { demultiplexed, wholeFrames } from "./frames.ts";
import { logPieces } from "./log.ts";

function frame(kind: number, text: string): Buffer {
  const head = Buffer.alloc(8);
  head[0] = kind;
  head.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([head, Buffer.from(text)]);
}

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const both = Buffer.concat([frame(1, "out\n"), frame(2, "err\n"), frame(1, ""), frame(1, "more")]);

for (const size of [1, 3, 8, 9, 1000])
  test(`two streams come apart again, received ${size} bytes at a time`, async () => {
    const said = { stdout: "", stderr: "" };
    for await (const { stream, bytes } of demultiplexed(inPieces(both, size)))
      said[stream] += Buffer.from(bytes);
    assert.deepEqual(said, { stdout: "out\nmore", stderr: "err\n" });
    const whole: string[] = [];
    for await (const { bytes } of wholeFrames(inPieces(both, size)))
      whole.push(Buffer.from(bytes).toString());
    assert.deepEqual(whole, ["out\n", "err\n", "more"]);
  });

const bad: readonly (readonly [string, Buffer, RegExp])[] = [
  ["of no stream", frame(9, "x"), /a frame that is none/],
  ["longer than any", Buffer.from([1, 0, 0, 0, 255, 255, 255, 255]), /a frame that is none/],
  ["cut off in its head", Buffer.from([1, 0, 0]), /in the middle of a frame/],
  ["cut off", frame(1, "abc").subarray(0, 9), /in the middle of a frame/],
  ["of an error", frame(3, "the engine has a problem"), /the engine has a problem/],
];

for (const [what, bytes, told] of bad)
  test(`a frame ${what} ends the stream with an error`, async () => {
    await assert.rejects(async () => {
      for await (const _ of demultiplexed(inPieces(bytes, 100))) {
        // Nothing is expected.
      }
    }, told);
  });

test("a log's lines come with their times, of a terminal as well", async () => {
  const time = "2026-11-25T23:23:47.173000000Z";
  const pieces = inPieces(frame(2, `${time} a line\n`), 5);
  const entries = (await Array.fromAsync(logPieces(pieces, false))).flat();
  const shown = entries.map(({ bytes, ...rest }) => ({ ...rest, text: Buffer.from(bytes).toString() }));
  assert.deepEqual(shown, [{ stream: "stderr", time, text: "a line\n" }]);
  const raw = inPieces(Buffer.from(`${time} one\r\n${time} tw`), 7);
  const lines = (await Array.fromAsync(logPieces(raw, true))).flat();
  assert.deepEqual(
    lines.map(({ bytes, time: at }) => [at, Buffer.from(bytes).toString()]),
    [
      [time, "one\r\n"],
      [time, "tw"],
    ],
  );
});
