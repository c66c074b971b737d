/**
 * A byte stream read in portions of the caller's choosing, without copying where a portion lies in one chunk.
 *
 * Invariant: a chunk is asked of the source only when the previous one is used up, so that back-pressure reaches
 * whoever produces them.
 */
export class Chunks {
  readonly #source: AsyncIterator<Uint8Array>;
  #chunk: Buffer = Buffer.alloc(0);
  #at = 0;
  #ended = false;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Up to `most` bytes that are at hand already; undefined when a chunk must be waited for. */
  available(most: number): Buffer | undefined {
    const left = this.#chunk.length - this.#at;
    if (left === 0) return undefined;
    const taken = Math.min(left, most);
    const view = this.#chunk.subarray(this.#at, this.#at + taken);
    this.#at += taken;
    return view;
  }

  /** Exactly `size` bytes when they are at hand already. */
  availableExactly(size: number): Buffer | undefined {
    return this.#chunk.length - this.#at >= size ? this.available(size) : undefined;
  }

  /** Waits for the next chunk, once the present one is used up; false at the end of the stream. */
  async fill(): Promise<boolean> {
    while (!this.#ended && this.#at === this.#chunk.length) {
      const { done, value } = await this.#source.next();
      if (done) this.#ended = true;
      else this.#chunk = Buffer.from(value.buffer, value.byteOffset, value.length);
      this.#at = 0;
      if (done) this.#chunk = Buffer.alloc(0);
    }
    return !this.#ended;
  }

  /** Exactly `size` bytes, or fewer where the stream ends. */
  async take(size: number): Promise<Buffer> {
    const whole = this.availableExactly(size);
    if (whole !== undefined) return whole;
    const parts: Buffer[] = [];
    let missing = size;
    while (missing > 0) {
      const part = this.available(missing);
      if (part !== undefined) {
        parts.push(part);
        missing -= part.length;
      } else if (!(await this.fill())) break;
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  }

  /** Drops `size` bytes; returns how many there were. */
  async skip(size: number): Promise<number> {
    let left = size;
    while (left > 0) {
      const part = this.available(left);
      if (part !== undefined) left -= part.length;
      else if (!(await this.fill())) break;
    }
    return size - left;
  }

  /** Whatever is left, as it comes. */
  async *all(): AsyncGenerator<Uint8Array, void, undefined> {
    do {
      const part = this.available(Number.POSITIVE_INFINITY);
      if (part !== undefined) yield part;
    } while (await this.fill());
  }

  /** Reads the source to its end, so that whoever hashes the stream sees all of it. */
  async drain(): Promise<void> {
    do this.#at = this.#chunk.length;
    while (await this.fill());
  }

  /** Lets go of the source early. */
  async close(): Promise<void> {
    if (!this.#ended) await this.#source.return?.();
    this.#ended = true;
  }
}
