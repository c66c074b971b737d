/**
 * What a connection says, in pieces, as fast as they are asked for and no faster: between two the connection waits,
 * and with it whoever sends.
 */

import type { Duplex } from "node:stream";
import { BrigError } from "../../base/errors.ts";

export class ByteSource {
  readonly #stream: Duplex;
  readonly #chunks: Uint8Array[] = [];
  #ended = false;
  #failure: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on("data", (chunk: Uint8Array) => {
      this.#chunks.push(chunk);
      stream.pause();
      this.#rouse();
    });
    stream.on("end", () => this.#finish());
    stream.on("close", () => this.#finish(new BrigError("unavailable", "the connection was closed")));
    stream.on("error", (error) => this.#finish(error));
    stream.pause();
  }

  /** The next piece; undefined at the end. Rejects when the connection is lost. */
  async read(): Promise<Uint8Array | undefined> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk) return chunk;
      if (this.#failure) throw this.#failure;
      if (this.#ended) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        this.#stream.resume();
      });
    }
  }

  /** What was read too far is read next. */
  unread(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#chunks.unshift(bytes);
  }

  /** Until a line's end, which is not part of it. Rejects when more than `limit` bytes come before. */
  async line(limit: number): Promise<string> {
    const parts: Uint8Array[] = [];
    for (let size = 0; ; ) {
      const chunk = await this.read();
      if (!chunk) throw new BrigError("unavailable", "the connection ended in the middle of an answer");
      const end = chunk.indexOf(newline);
      parts.push(end < 0 ? chunk : chunk.subarray(0, end));
      size += chunk.length;
      if (end >= 0) this.unread(chunk.subarray(end + 1));
      if ((end < 0 ? size : size - chunk.length + end) > limit)
        throw new BrigError("unavailable", "the answer has a line that is too long");
      if (end >= 0) return Buffer.concat(parts).toString("latin1").replace(/\r$/, "");
    }
  }

  /** Nothing is left to be read, and nobody is speaking. */
  get isQuiet(): boolean {
    return this.#chunks.length === 0 && !this.#ended && !this.#failure;
  }

  #finish(failure?: Error): void {
    if (!this.#ended) this.#failure ??= failure;
    this.#ended = true;
    this.#rouse();
  }

  #rouse(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

const newline = 0x0a;
