/** The body of a request, written no faster than it is taken. */

import type { Duplex } from "node:stream";

export type RequestBody = Uint8Array | AsyncIterable<Uint8Array>;

/** Resolves when there is room for more; rejects when the connection is lost. */
export function write(stream: Duplex, bytes: Uint8Array | string): Promise<void> {
  if (stream.destroyed) return Promise.reject(stream.errored ?? new Error("the connection was closed"));
  if (stream.write(bytes)) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const settle = () => {
      stream.off("drain", settle);
      stream.off("close", settle);
      if (stream.destroyed) reject(stream.errored ?? new Error("the connection was closed"));
      else resolve();
    };
    stream.on("drain", settle);
    stream.on("close", settle);
  });
}

/** In chunks; ends early when `enough` is aborted: the answer has come before all was asked. */
export async function sendChunks(
  stream: Duplex,
  body: AsyncIterable<Uint8Array>,
  enough: AbortSignal,
): Promise<void> {
  for await (const bytes of body) {
    if (enough.aborted) return;
    if (bytes.length === 0) continue;
    stream.cork();
    stream.write(`${bytes.length.toString(16)}\r\n`);
    const written = write(stream, bytes);
    stream.write("\r\n");
    stream.uncork();
    await written;
  }
  if (!enough.aborted) await write(stream, "0\r\n\r\n");
}
