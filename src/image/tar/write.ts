/** Writes a tar stream: for each entry its header, its content and padding; at the end two zero blocks. */

import { blockSize, paddingOf } from "./block.ts";
import { encodeHeader } from "./encode.ts";
import type { TarHeader } from "./entry.ts";
import { malformedEntry } from "./malformed.ts";

/** What is to be written; `body` is asked for only where the header's size is not 0. */
export interface NewEntry {
  readonly header: TarHeader;
  readonly body?: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

export async function* writeTar(
  entries: AsyncIterable<NewEntry> | Iterable<NewEntry>,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const { header, body } of entries) {
    yield encodeHeader(header);
    if (header.size === 0) continue;
    let written = 0;
    for await (const bytes of body ?? []) {
      written += bytes.length;
      // A file that grew while it was read would be taken for the next header.
      if (written > header.size) break;
      yield bytes;
    }
    if (written !== header.size)
      throw malformedEntry(`its content is not of the announced ${header.size} bytes`);
    const padding = paddingOf(written);
    if (padding > 0) yield Buffer.alloc(padding);
  }
  yield Buffer.alloc(2 * blockSize);
}
