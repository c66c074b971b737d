/**
 * Lines of a log as Docker marks them: a head at the beginning of each, and one more after every 16 KiB of a long one.
 *
 * The shim keeps a line in as many parts as it came in, so that what a program asks without a newline is seen at once.
 */

import type { LogEntry } from "../engine/container/info.ts";

/** Docker's buffer. */
const partSize = 16_384;
const newline = 0x0a;

type Piece = Pick<LogEntry, "stream" | "bytes">;

export class Parts {
  /** Bytes of the part that is not at its end yet. */
  readonly #open = { stdout: 0, stderr: 0 };

  *of(entries: Iterable<LogEntry>, headOf: (entry: LogEntry) => string): Generator<Piece> {
    for (const entry of entries) {
      const { stream } = entry;
      for (let { bytes } = entry; bytes.length > 0; ) {
        const part = bytes.subarray(0, partSize - this.#open[stream]);
        const marked = this.#open[stream] === 0 ? Buffer.concat([Buffer.from(headOf(entry)), part]) : part;
        yield { stream, bytes: marked };
        bytes = bytes.subarray(part.length);
        this.#open[stream] += part.length;
        if (part.at(-1) === newline || this.#open[stream] >= partSize) this.#open[stream] = 0;
      }
    }
  }
}
