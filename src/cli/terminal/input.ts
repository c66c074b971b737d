/**
 * The command's standard input, read only as fast as it is consumed.
 *
 * Bun takes 9 ms to make `process.stdin`, so there the descriptor is read by worker threads. Node would never exit
 * while such a read waits, but makes the stream in no time.
 */

import { read } from "node:fs";
import type { ReadStream } from "node:tty";

export interface Input {
  /** Whether it is a terminal. */
  readonly isTerminal: () => Promise<boolean>;
  /** Until its end. */
  readonly bytes: () => AsyncIterable<Uint8Array>;
  /** The same as a stream, for raw mode. */
  readonly terminal: () => ReadStream & { readonly fd: number };
}

export const standardInput: Input = {
  async isTerminal() {
    return (await import("node:tty")).isatty(0);
  },
  bytes() {
    return process.versions.bun === undefined ? process.stdin : chunks();
  },
  terminal: () => process.stdin,
};

/** As many bytes as a pipe holds. */
const chunkSize = 65_536;

async function* chunks(): AsyncGenerator<Uint8Array> {
  for (;;) {
    let chunk: Uint8Array;
    try {
      chunk = await readSome();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      // The descriptor is non-blocking: only the stream can wait for it.
      yield* process.stdin;
      return;
    }
    if (chunk.length === 0) return;
    yield chunk;
  }
}

function readSome(): Promise<Uint8Array> {
  const buffer = Buffer.allocUnsafe(chunkSize);
  return new Promise((resolve, reject) => {
    read(0, buffer, 0, chunkSize, null, (error, count) =>
      error ? reject(error) : resolve(buffer.subarray(0, count)),
    );
  });
}
