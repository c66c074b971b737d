/** The content of a file or a named pipe, in large chunks. */

import { createReadStream } from "node:fs";

/** Large enough that the cost of a chunk does not count, small enough for the processor's cache. */
const chunkSize = 1 << 20;

/** Nothing is opened before the first chunk is asked for. */
export async function* fileChunks(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  yield* createReadStream(path, { highWaterMark: chunkSize }) as AsyncIterable<Uint8Array>;
}

/** The first bytes of a file, fewer where it is shorter. */
export async function fileHead(path: string, length: number): Promise<Uint8Array> {
  const { open } = await import("node:fs/promises");
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
