import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { constants, gzipSync, zstdCompressSync } from "node:zlib";
import { BrigError } from "../../base/errors.ts";
import { decompress } from "./decompress.ts";

const text = Buffer.from(Array.from({ length: 60_000 }, (_, i) => `line ${i * 7919}\n`).join(""));
const filter = (program: string) => execFileSync(program, ["-c"], { input: text, maxBuffer: 1 << 24 });
const zstdStream = (input: Buffer) => execFileSync("zstd", ["-c"], { input, maxBuffer: 1 << 24 });
const half = text.length >> 1;
const skippable = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 5, 0, 0, 0, 1, 2, 3, 4, 5]);
const smallFrames = () =>
  Buffer.concat(
    Array.from({ length: 600 }, (_, i) => zstdCompressSync(text.subarray(i * 2000, (i + 1) * 2000))),
  );

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function run(bytes: Uint8Array, size = bytes.length, limit = 1 << 24): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of decompress(inPieces(bytes, Math.max(size, 1)), { limit })) parts.push(part);
  return Buffer.concat(parts);
}

const forms: readonly (readonly [string, () => Uint8Array])[] = [
  ["a plain stream", () => text],
  ["gzip", () => gzipSync(text)],
  [
    "gzip of several members",
    () => Buffer.concat([gzipSync(text.subarray(0, half)), gzipSync(text.subarray(half))]),
  ],
  ["zstd", () => zstdCompressSync(text, { params: { [constants.ZSTD_c_checksumFlag]: 1 } })],
  ["zstd that does not announce its size", () => zstdStream(text)],
  [
    "zstd of several frames, skippable ones among them",
    () =>
      Buffer.concat([
        skippable,
        zstdStream(text.subarray(0, half)),
        skippable,
        zstdCompressSync(text.subarray(half)),
        skippable,
      ]),
  ],
  ["xz", () => filter("xz")],
  ["bzip2", () => filter("bzip2")],
];

for (const [what, make] of forms)
  test(`decompresses ${what}, however it is cut`, async () => {
    const bytes = make();
    for (const size of [bytes.length, 100_000, 997]) assert.ok((await run(bytes, size)).equals(text));
  });

test("decompresses hundreds of small zstd frames", async () => {
  assert.ok((await run(smallFrames(), 50_000)).equals(text.subarray(0, 600 * 2000)));
});

test("passes streams through that are shorter than a magic number", async () => {
  for (const short of ["", "B", "BZ"]) assert.equal((await run(Buffer.from(short))).toString(), short);
});

for (const [what, make] of forms.slice(1)) {
  test(`refuses ${what} that is cut off`, async () => {
    const bytes = make();
    const cut = bytes.subarray(0, bytes.length - (what.includes("skippable") ? 3 : 1));
    await assert.rejects(run(cut, 10_000), (e) => e instanceof BrigError && e.kind === "invalid");
  });

  test(`refuses ${what} that is damaged`, async () => {
    const bytes = Buffer.from(make());
    bytes.fill(0xff, 3000, 3040);
    await assert.rejects(run(bytes, 10_000), (e) => e instanceof BrigError && e.kind === "invalid");
  });

  test(`gives no more of ${what} than the limit`, async () => {
    await assert.rejects(run(make(), 10_000, 300_000), /larger than 300000 bytes/);
  });
}

test("stops a bomb before it fills the memory", async () => {
  const bomb = gzipSync(Buffer.alloc(1 << 28));
  await assert.rejects(run(bomb, bomb.length, 1 << 20), /larger than/);
});

test("releases its source, and its program, when the reader stops early", async () => {
  for (const [, make] of forms) {
    let released = false;
    async function* source(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield make();
      } finally {
        released = true;
      }
    }
    for await (const _ of decompress(source(), { limit: 1 << 30 })) break;
    assert.ok(released);
  }
});

test("hands on what its source failed with", async () => {
  for (const [, make] of forms) {
    async function* source(): AsyncGenerator<Uint8Array> {
      yield make().subarray(0, 2000);
      throw new BrigError("unavailable", "the network is gone");
    }
    await assert.rejects(async () => {
      for await (const _ of decompress(source(), { limit: 1 << 30 }));
    }, /the network is gone/);
  }
});
