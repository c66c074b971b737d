/**
 * What a process writes, on its way from the connection to whoever reads it. Whoever fills it waits while it is
 * full, so that a slow reader is felt by the process and not by our memory.
 */

import type { LogPosition } from "./wire.ts";

export type Output =
  | { readonly kind: "bytes"; readonly stream: "stdout" | "stderr"; readonly bytes: Buffer }
  /** The last of them: this client was too slow, and what follows stands in the log from here on. */
  | { readonly kind: "lagged"; readonly from: LogPosition };

/** Eight chunks of 32 KiB keep both sides busy. */
const capacity = 8;

export class OutputQueue implements AsyncIterable<Output> {
  readonly #items: Output[] = [];
  #ended = false;
  #error: Error | undefined;
  #wakeReader: (() => void) | undefined;
  #wakeWriter: (() => void) | undefined;

  /** Resolves when there is room for more. After the end, or when the reader has left, it takes and forgets. */
  async push(item: Output): Promise<void> {
    if (this.#ended) return;
    this.#items.push(item);
    this.#wakeReader?.();
    while (this.#items.length >= capacity && !this.#ended)
      await new Promise<void>((resolve) => {
        this.#wakeWriter = resolve;
      });
  }

  /** What was pushed can still be read; then the reader sees the end, or the error. */
  end(error?: Error): void {
    // What ended well does not fail afterwards, when the connection closes.
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.#wakeReader?.();
    this.#wakeWriter?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Output, void> {
    try {
      for (;;) {
        const item = this.#items.shift();
        this.#wakeWriter?.();
        if (item) yield item;
        else if (this.#error) throw this.#error;
        else if (this.#ended) return;
        else
          await new Promise<void>((resolve) => {
            this.#wakeReader = resolve;
          });
      }
    } finally {
      this.#items.length = 0;
      this.end();
    }
  }
}
