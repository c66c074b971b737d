/**
 * One entry with its data: read as it is wanted, dropped where it is not.
 *
 * An archive has thousands of small files, most of them at hand as a whole: those cost no promise.
 */

import type { Chunks } from "../stream/chunks.ts";
import { paddingOf } from "./block.ts";
import type { Extent, TarEntry, TarHeader } from "./entry.ts";
import { malformed } from "./malformed.ts";
import type { Run, SparseFile } from "./sparse.ts";

export class Content implements TarEntry {
  readonly header: TarHeader;
  readonly #chunks: Chunks;
  readonly #sparse: SparseFile | undefined;
  readonly #padding: number;
  #left: number;
  #finished = false;

  /** `stored` bytes follow the header, of which the map of a sparse file is read already. */
  constructor(chunks: Chunks, stored: number, header: TarHeader, sparse: SparseFile | undefined) {
    this.header = header;
    this.#chunks = chunks;
    this.#left = stored - (sparse?.mapBytes ?? 0);
    this.#sparse = sparse;
    this.#padding = paddingOf(stored);
  }

  get extents(): AsyncGenerator<Extent, void, undefined> {
    return this.#read();
  }

  get body(): AsyncGenerator<Uint8Array, void, undefined> {
    return this.#filled();
  }

  whole(): Uint8Array | undefined {
    const { size } = this.header;
    if (this.#sparse !== undefined || this.#left !== size) return undefined;
    this.#verifyTurn();
    const bytes = this.#chunks.availableExactly(size);
    if (bytes !== undefined) this.#left = 0;
    return bytes;
  }

  /**
   * Skips what was not read, and the padding; the padding of the last entry may be missing, as in Go. Undefined when
   * there is nothing to wait for.
   */
  finish(): Promise<void> | undefined {
    this.#finished = true;
    if (this.#left > 0) return this.#skip();
    if (this.#padding === 0 || this.#chunks.availableExactly(this.#padding) !== undefined) return undefined;
    return this.#skip();
  }

  async #skip(): Promise<void> {
    if (this.#left > 0 && (await this.#chunks.skip(this.#left)) < this.#left)
      throw malformed("it ends inside a file");
    if (this.#padding > 0) await this.#chunks.skip(this.#padding);
  }

  async *#read(): AsyncGenerator<Extent, void, undefined> {
    for (const { offset, length } of this.#runs())
      for (let done = 0; done < length; ) {
        this.#verifyTurn();
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

  /** Holes are given out as one block of zeroes, again and again: a hole may be larger than any memory. */
  async *#filled(): AsyncGenerator<Uint8Array, void, undefined> {
    let at = 0;
    for await (const { offset, bytes } of this.#read()) {
      yield* zeroes(offset - at);
      yield bytes;
      at = offset + bytes.length;
    }
    yield* zeroes(this.header.size - at);
  }

  #runs(): readonly Run[] {
    const { size } = this.header;
    return this.#sparse?.runs ?? (size > 0 ? [{ offset: 0, length: size }] : []);
  }

  #verifyTurn(): void {
    if (this.#finished) throw malformed("the content of an entry was asked for after the next entry");
  }
}

function* zeroes(length: number): Generator<Uint8Array, void, undefined> {
  const block = length > 0 ? Buffer.alloc(Math.min(length, 65536)) : undefined;
  for (let left = length; left > 0; left -= block!.length)
    yield block!.length <= left ? block! : block!.subarray(0, left);
}
