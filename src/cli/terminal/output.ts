/**
 * One of the command's own output descriptors. Every write is awaited, which is what slows a producer down.
 *
 * `process.stdout` would do the same, but making it takes Bun 8 ms, half the time of starting a container.
 */

import { fstatSync, write, writeSync } from "node:fs";
import type { WriteStream } from "node:tty";
import { sleep } from "../../base/sleep.ts";

/** Nobody reads the output any more (EPIPE). The command ends as if SIGPIPE had ended it. */
export class BrokenOutput extends Error {}

export class Output {
  readonly fd: number;
  #immediate: boolean | undefined;

  constructor(fd: number) {
    this.fd = fd;
  }

  /** Resolves when the descriptor has taken all of it. Rejects with BrokenOutput when its reader has gone. */
  async write(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === "string" ? Buffer.from(data) : data;
    this.#immediate ??= neverBlocks(this.fd);
    for (let written = 0; written < bytes.length; ) {
      try {
        written += this.#immediate
          ? writeSync(this.fd, bytes, written)
          : await writeSome(this.fd, bytes, written);
      } catch (error) {
        await this.#overcome(error as NodeJS.ErrnoException);
      }
    }
  }

  /** The same as a stream that knows its size, when it is a terminal. Only stdout and stderr can be. */
  terminal(): WriteStream | undefined {
    const stream = this.fd === 1 ? process.stdout : process.stderr;
    return stream.isTTY ? stream : undefined;
  }

  async #overcome(error: NodeJS.ErrnoException): Promise<void> {
    if (error.code === "EPIPE") throw new BrokenOutput();
    if (error.code !== "EAGAIN") throw error;
    // Someone who shares the descriptor has made it non-blocking; all we can do is ask again.
    await sleep(retryDelay);
  }
}

/** Milliseconds. */
const retryDelay = 5;

/** Files and /dev/null take everything at once; a pipe or a terminal may make the caller wait, off this thread. */
function neverBlocks(fd: number): boolean {
  try {
    const stat = fstatSync(fd);
    return stat.isFile() || stat.rdev === nullDevice;
  } catch {
    return false;
  }
}

/** Device 1:3. */
const nullDevice = 0x103;

function writeSome(fd: number, bytes: Uint8Array, from: number): Promise<number> {
  return new Promise((resolve, reject) => {
    write(fd, bytes, from, bytes.length - from, null, (error, count) =>
      error ? reject(error) : resolve(count),
    );
  });
}
