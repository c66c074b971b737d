/** The data of one entry: read as it is wanted, dropped where it is not. */

import type { Chunks } from "../stream/chunks.ts";
import { paddingOf } from "./block.ts";
import type { Extent, TarHeader } from "./entry.ts";
import { malformed } from "./malformed.ts";
import type { Run, SparseFile } from "./sparse.ts";

export class Content implements AsyncIterable<Extent> {
  readonly #chunks: Chunks;
  readonly #size: number;
  readonly #runs: readonly Run[];
  readonly #padding: number;
  #left: number;
  #finished = false;

  /** `stored` bytes follow the header, of which the map of a sparse file is read already. */
  constructor(chunks: Chunks, stored: number, header: TarHeader, sparse: SparseFile | undefined) {
    this.#chunks = chunks;
    this.#size = header.size;
    this.#left = stored - (sparse?.mapBytes ?? 0);
    this.#runs = sparse?.runs ?? (header.size > 0 ? [{ offset: 0, length: header.size }] : []);
    this.#padding = paddingOf(stored);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Extent, void, undefined> {
    for (const { offset, length } of this.#runs) {
      for (let done = 0; done < length; ) {
        if (this.#finished) throw malformed("the content of an entry was asked for after the next entry");
        const bytes = this.#chunks.available(length - done);
        if (bytes === undefined) {
          if (!(await this.#chunks.fill())) throw malformed("it ends inside a file");
          continue;
        }
        const at = offset + done;
        done += bytes.length;
        this.#left -= bytes.length;
        yield { offset: at, bytes };
      }
    }
  }

  /** Holes are given out as one block of zeroes, again and again: a hole may be larger than any memory. */
  async *body(): AsyncGenerator<Uint8Array, void, undefined> {
    let at = 0;
    for await (const { offset, bytes } of this) {
      yield* zeroes(offset - at);
      yield bytes;
      at = offset + bytes.length;
    }
    yield* zeroes(this.#size - at);
  }

  /** Skips what was not read, and the padding; the padding of the last entry may be missing, as in Go. */
  async finish(): Promise<void> {
    this.#finished = true;
    if (this.#left > 0 && (await this.#chunks.skip(this.#left)) < this.#left)
      throw malformed("it ends inside a file");
    if (this.#padding > 0) await this.#chunks.skip(this.#padding);
  }
}

function* zeroes(length: number): Generator<Uint8Array, void, undefined> {
  const block = length > 0 ? Buffer.alloc(Math.min(length, 65536)) : undefined;
  for (let left = length; left > 0; left -= block!.length)
    yield block!.length <= left ? block! : block!.subarray(0, left);
}
