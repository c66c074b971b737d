import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeFrame, FrameDecoder, FrameError, type Opcode, type Received } from "./websocket-frames.ts";

const opcodes: Readonly<Record<Opcode, number>> = {
  continuation: 0,
  text: 1,
  binary: 2,
  close: 8,
  ping: 9,
  pong: 10,
};

/** As a client sends it: with a mask. */
function fromClient(opcode: number, text: string, { final = true, bits = 0 } = {}): Buffer {
  const payload = Buffer.from(text);
  const key = Buffer.from([1, 0x80, 0xff, 7]);
  const frame = Buffer.from(encodeFrame("binary", payload));
  const head = frame.subarray(0, frame.length - payload.length);
  head[0] = (final ? 0x80 : 0) | bits | opcode;
  head[1]! |= 0x80;
  return Buffer.concat([head, key, payload.map((byte, at) => byte ^ key[at % 4]!)]);
}

/** The kinds that were received, with what they carry; data in one. */
function said(pieces: Iterable<Uint8Array>): string {
  const decoder = new FrameDecoder();
  const received: Received[] = [];
  for (const piece of pieces) received.push(...decoder.push(piece));
  const data = received.filter(({ kind }) => kind === "data").map(({ bytes }) => Buffer.from(bytes));
  const others = received
    .filter(({ kind }) => kind !== "data")
    .map(({ kind, bytes }) => `${kind}:${Buffer.from(bytes)}`);
  return [Buffer.concat(data).toString(), ...others].join("|");
}

const long = "x".repeat(70_000);

/** What a client sends, and what of it arrives. */
const streams: readonly (readonly [readonly Buffer[], string])[] = [
  [[fromClient(opcodes.text, "hello")], "hello"],
  [[fromClient(opcodes.binary, "")], ""],
  [[fromClient(opcodes.binary, "a".repeat(126))], "a".repeat(126)],
  [[fromClient(opcodes.binary, long)], long],
  [
    [
      fromClient(opcodes.text, "one ", { final: false }),
      fromClient(opcodes.ping, "there?"),
      fromClient(opcodes.continuation, "two ", { final: false }),
      fromClient(opcodes.continuation, "three"),
      fromClient(opcodes.text, " four"),
    ],
    "one two three four|ping:there?",
  ],
  [[fromClient(opcodes.pong, ""), fromClient(opcodes.close, "\x03\xe8bye")], "|pong:|close:\x03\xe8bye"],
];

test("frames carry a stream, however it is cut into pieces", () => {
  for (const [frames, expected] of streams) {
    const all = Buffer.concat(frames);
    assert.equal(said([all]), expected);
    const sizes = [1, 2, 3, 13, 14, 15, 4096];
    for (const size of all.length > 1000 ? sizes.slice(4) : sizes) {
      const count = Math.ceil(all.length / size);
      const pieces = Array.from({ length: count }, (_, i) => all.subarray(i * size, (i + 1) * size));
      assert.equal(said(pieces), expected, `pieces of ${size}`);
    }
  }
});

const unmasked = encodeFrame("text", Buffer.from("hello"));
const tooLong = Buffer.from([0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);

const refused: readonly (readonly [string, Uint8Array])[] = [
  ["a frame without a mask", unmasked],
  ["a reserved bit", fromClient(opcodes.text, "a", { bits: 0x40 })],
  ["an unknown opcode", fromClient(3, "a")],
  ["a ping in parts", fromClient(opcodes.ping, "a", { final: false })],
  ["a long ping", fromClient(opcodes.ping, "a".repeat(126))],
  ["a continuation of nothing", fromClient(opcodes.continuation, "a")],
  [
    "a message within a message",
    Buffer.concat([fromClient(opcodes.text, "a", { final: false }), fromClient(opcodes.text, "b")]),
  ],
  ["a length beyond 2^63", tooLong],
];

test("what is no frame of a client's fails", () => {
  for (const [what, bytes] of refused) assert.throws(() => said([bytes]), FrameError, what);
});

test("a server's frames say how long they are", () => {
  for (const [length, head] of [
    [0, "8200"],
    [125, "827d"],
    [126, "827e007e"],
    [65_535, "827effff"],
    [65_536, "827f0000000000010000"],
  ] as const) {
    const frame = Buffer.from(encodeFrame("binary", Buffer.alloc(length)));
    assert.equal(frame.toString("hex").slice(0, head.length), head);
    assert.equal(frame.length, head.length / 2 + length);
  }
});
