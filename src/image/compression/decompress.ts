/**
 * A stream of bytes, whatever it is compressed with: plain, gzip, zstd, xz or bzip2.
 *
 * Invariants: memory does not depend on the size of the stream; back-pressure reaches the source; what does not
 * decompress to its end is a `BrigError` of kind `invalid`.
 */

import { bounded } from "../stream/bounded.ts";
import { Chunks } from "../stream/chunks.ts";
import { type Compression, detectCompression, magicLength } from "./detect.ts";
import { throughProgram } from "./program.ts";
import { throughTransform } from "./transform.ts";
import { zlib } from "./zlib.ts";
import { unzstd } from "./zstd.ts";

export interface DecompressOptions {
  /** Greatest size of the output: a few KiB can stand for terabytes of zeroes. */
  readonly limit: number;
  /** Completes "cannot read …" in errors. */
  readonly what?: string;
}

/** The decompressed content of `source`. */
export async function* decompress(
  source: AsyncIterable<Uint8Array>,
  options: DecompressOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const chunks = new Chunks(source);
  try {
    const head = await chunks.take(magicLength);
    const whole = withHead(head, chunks);
    yield* bounded(
      decoders[detectCompression(head)](whole),
      options.limit,
      options.what ?? "the compressed stream",
    );
  } finally {
    await chunks.close();
  }
}

/** Chunks of output: zlib doubles its speed between 16 KiB and 256 KiB, and gains nothing beyond. */
const outputChunk = 512 * 1024;

/** How much is decompressed, by another thread, while nobody takes it: what is done with it is not always as fast. */
const outputAhead = 4 * outputChunk;
const gunzipOptions = { chunkSize: outputChunk, readableHighWaterMark: outputAhead };

/** xz -9 needs 65 MiB; a header may ask for 4 GiB. */
const xzMemory = "--memlimit-decompress=256MiB";

type Decoder = (source: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

const decoders: Readonly<Record<Compression, Decoder>> = {
  none: (source) => source,
  gzip: (source) => throughTransform(source, zlib().createGunzip(gunzipOptions)),
  zstd: (source) => unzstd(source),
  xz: (source) =>
    throughProgram(source, {
      program: "xz",
      args: ["--decompress", "--stdout", xzMemory],
      debianPackage: "xz-utils",
    }),
  bzip2: (source) =>
    throughProgram(source, { program: "bzip2", args: ["--decompress", "--stdout"], debianPackage: "bzip2" }),
};

async function* withHead(head: Uint8Array, rest: Chunks): AsyncGenerator<Uint8Array, void, undefined> {
  if (head.length > 0) yield head;
  yield* rest.all();
}
