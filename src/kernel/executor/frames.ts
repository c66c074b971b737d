/**
 * Frames on a control socket: `{ type, length }` and the payload, little endian (`native/wire.h`).
 *
 * Reading is one at a time and in order; bytes that were not asked for stay in the socket, so that a slow
 * reader exerts back-pressure on whoever writes.
 */

import { BrigError } from "../../base/errors.ts";
import type { Connection } from "../channel/connection.ts";

export interface Frame {
  readonly type: number;
  readonly payload: Buffer;
}

/** The largest payload a peer may announce; a file's data goes in smaller pieces. */
const payloadMax = 16 << 20;

/** More than this unread stops the socket. */
const bufferedMax = 1 << 20;

export class FrameStream {
  readonly connection: Connection;
  #chunks: Buffer[] = [];
  #buffered = 0;
  #ended = false;
  #error: Error | undefined;
  #wake: (() => void) | undefined;

  constructor(connection: Connection) {
    this.connection = connection;
    connection.listen({
      data: (chunk) => {
        this.#chunks.push(chunk);
        this.#buffered += chunk.length;
        if (this.#buffered > bufferedMax) connection.pause();
        this.#wake?.();
      },
      end: (error) => this.#end(error),
    });
  }

  /** The next frame, or undefined when the peer has closed between frames. */
  async next(): Promise<Frame | undefined> {
    const head = await this.#take(8);
    if (!head) return undefined;
    const length = head.readUInt32LE(4);
    if (length > payloadMax)
      throw new BrigError("internal", `cannot read a frame of ${length} bytes: too large`);
    const payload = length === 0 ? Buffer.alloc(0) : await this.#take(length);
    if (!payload)
      throw new BrigError("unavailable", "cannot read a frame: the peer closed in the middle of it");
    return { type: head.readUInt32LE(0), payload };
  }

  /** Resolves when the socket takes more. */
  async send(type: number, ...parts: readonly Uint8Array[]): Promise<void> {
    const head = Buffer.alloc(8);
    head.writeUInt32LE(type, 0);
    head.writeUInt32LE(
      parts.reduce((sum, p) => sum + p.length, 0),
      4,
    );
    await this.write(parts.length === 0 ? head : Buffer.concat([head, ...parts]));
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#error) throw this.#error;
    await this.connection.write(bytes);
  }

  close(): void {
    this.connection.destroy();
  }

  #end(error?: Error): void {
    this.#ended = true;
    this.#error ??= error;
    this.#wake?.();
  }

  async #take(length: number): Promise<Buffer | undefined> {
    while (this.#buffered < length) {
      if (this.#ended) return undefined;
      this.connection.resume();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    const first = this.#chunks[0]!;
    this.#buffered -= length;
    if (first.length >= length) {
      if (first.length === length) this.#chunks.shift();
      else this.#chunks[0] = first.subarray(length);
      return first.subarray(0, length);
    }
    const all = Buffer.concat(this.#chunks);
    this.#chunks = all.length > length ? [all.subarray(length)] : [];
    return all.subarray(0, length);
  }
}
