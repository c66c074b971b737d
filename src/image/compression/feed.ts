/** Writes a source into a stream at the stream's own pace. */

import type { Writable } from "node:stream";

/**
 * Ends the stream with the source, and destroys it with the source's failure. Settles, never rejecting, when the
 * source is done or the stream takes no more; the source is then released.
 */
export async function feed(source: AsyncIterable<Uint8Array>, stream: Writable): Promise<void> {
  try {
    for await (const chunk of source) {
      if (stream.destroyed) return;
      if (!stream.write(chunk)) await ready(stream);
    }
    if (!stream.destroyed) stream.end();
  } catch (error) {
    stream.destroy(error as Error);
  }
}

function ready(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed) return resolve();
    const done = () => {
      stream.off("drain", done);
      stream.off("close", done);
      stream.off("error", done);
      resolve();
    };
    stream.on("drain", done);
    stream.on("close", done);
    stream.on("error", done);
  });
}
