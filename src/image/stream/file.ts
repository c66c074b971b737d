/**
 * The content of a file of ours, in large chunks, the next one being read while the present one is worked on.
 *
 * `fs.ReadStream` costs twice the time of this for files that are in the page cache.
 */

import { type FileHandle, open } from "node:fs/promises";

/** Large enough that the cost of a chunk does not count, small enough for the processor's cache. */
const chunkSize = 1 << 20;

export async function* fileChunks(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  const file = await open(path, "r");
  let next: Promise<Buffer> | undefined;
  try {
    next = readChunk(file, 0);
    for (let at = 0; ; ) {
      const chunk = await next;
      next = undefined;
      if (chunk.length === 0) return;
      at += chunk.length;
      next = readChunk(file, at);
      // The reader may give up while this read is under way; its failure is then nobody's.
      next.catch(() => undefined);
      yield chunk;
    }
  } finally {
    await next?.catch(() => undefined);
    await file.close();
  }
}

/** The first bytes of a file, fewer where it is shorter. */
export async function fileHead(path: string, length: number): Promise<Uint8Array> {
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function readChunk(file: FileHandle, at: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(chunkSize);
  const { bytesRead } = await file.read(buffer, 0, chunkSize, at);
  return buffer.subarray(0, bytesRead);
}
