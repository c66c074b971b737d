import assert from "node:assert/strict";
import { test } from "node:test";
import { output, pointer, struct, u32, u64, vector } from "./argument.ts";
import { Blob } from "./blob.ts";

/** The constants as the executor reads them. */
function bytesOf(blob: Blob): Buffer {
  const bytes = Buffer.alloc(blob.size);
  blob.finish(bytes, 0);
  return bytes;
}

const textAt = (bytes: Buffer, at: number) => bytes.toString("utf8", at, bytes.indexOf(0, at));
const pointerAt = (bytes: Buffer, at: number) => Number(bytes.readBigUInt64LE(at));

test("text ends in NUL, begins at a multiple of eight, and is laid out once", () => {
  const blob = new Blob();
  const [a, b] = [blob.string("abc"), blob.string("Größe ☃")];
  const size = blob.size;
  assert.equal(blob.string("abc"), a);
  assert.equal(blob.size, size);
  const bytes = bytesOf(blob);
  assert.deepEqual([a % 8, b % 8], [0, 0]);
  assert.deepEqual([textAt(bytes, a), textAt(bytes, b)], ["abc", "Größe ☃"]);
});

test("text in a struct is the same text as an argument", () => {
  const blob = new Blob();
  const at = blob.string("name");
  const start = blob.place(struct("", pointer("name"), pointer("name")));
  const bytes = bytesOf(blob);
  assert.deepEqual([pointerAt(bytes, start), pointerAt(bytes, start + 8)], [at, at]);
  assert.deepEqual(blob.relocations, [start, start + 8]);
});

test("an address is inside the blob even where nothing stands there", () => {
  const blob = new Blob();
  assert.ok(blob.bytes(new Uint8Array(0)) < blob.size);
  assert.ok(blob.place("") < blob.size);
});

test("structures within structures are relocated at every level", () => {
  const blob = new Blob();
  const inner = struct("", pointer("deep"), u32(7, 8));
  const start = blob.place(struct("", u64(1), pointer(inner), pointer(u32(9))));
  const bytes = bytesOf(blob);
  const at = pointerAt(bytes, start + 8);
  assert.equal(textAt(bytes, pointerAt(bytes, at)), "deep");
  assert.deepEqual([bytes.readUInt32LE(at + 8), bytes.readUInt32LE(at + 12)], [7, 8]);
  assert.equal(bytes.readUInt32LE(pointerAt(bytes, start + 16)), 9);
  assert.deepEqual(
    [...blob.relocations].sort((a, b) => a - b),
    [start + 8, start + 16, at].sort((a, b) => a - b),
  );
});

test("a vector is pointers and a null that is none, whichever way it is made", () => {
  const blob = new Blob();
  const strings = ["sh", "-c", "sh"];
  for (const start of [blob.vector(strings), blob.place(vector(strings))]) {
    const bytes = bytesOf(blob);
    const pointers = strings.map((_, i) => pointerAt(bytes, start + i * 8));
    assert.deepEqual(
      pointers.map((at) => textAt(bytes, at)),
      strings,
    );
    assert.equal(pointers[0], pointers[2]);
    assert.equal(pointerAt(bytes, start + 24), 0);
    assert.ok(!blob.relocations.includes(start + 24));
  }
});

test("buffers stand behind the constants, each once, eight bytes aligned, and cost nothing", () => {
  const blob = new Blob();
  const [a, b] = [output(3), output(9)];
  const start = blob.place(struct("", pointer(b)));
  assert.deepEqual([blob.output(b), blob.output(a), blob.output(b)], [0, 16, 0]);
  blob.string("grows the constants");
  const bytes = bytesOf(blob);
  assert.equal(pointerAt(bytes, start), blob.outputBase);
  assert.equal(blob.outputBase % 8, 0);
  assert.ok(blob.outputBase >= blob.size);
  assert.equal(blob.size + blob.zeroes, blob.outputBase + 24);
});

test("what does not fit makes the room larger", () => {
  const blob = new Blob();
  const first = blob.string("first");
  const large = blob.bytes(Buffer.alloc(1 << 20, 0x61));
  const last = blob.string("z".repeat(100_000));
  const bytes = bytesOf(blob);
  assert.equal(textAt(bytes, first), "first");
  assert.equal(bytes[large + (1 << 20) - 1], 0x61);
  assert.equal(textAt(bytes, last).length, 100_000);
});

test("a slot has no address", () => {
  assert.throws(() => new Blob().place({ kind: "slot", name: "log", fd: 7 }), /no address: log/);
});
