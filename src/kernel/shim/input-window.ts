/**
 * The way to a process's stdin: as much may be under way as the shim has room for, so that what the process does
 * not read never stands in the way of a signal or a resize on the same connection.
 */

import { inputWindow } from "./wire.ts";

export class InputWindow {
  readonly #send: (bytes: Uint8Array) => Promise<void>;
  #room = inputWindow;
  #ended = false;
  #wake: (() => void) | undefined;
  /** Writes are one after the other, whoever calls. */
  #last: Promise<void> = Promise.resolve();

  constructor(send: (bytes: Uint8Array) => Promise<void>) {
    this.#send = send;
  }

  /** Resolves when all of it is under way, or nobody will ever read it. */
  write(bytes: Uint8Array): Promise<void> {
    const write = this.#last.then(() => this.#write(bytes));
    this.#last = write.catch(() => {});
    return write;
  }

  /** Resolves when everything has been sent. */
  async idle(): Promise<void> {
    await this.#last;
  }

  taken(bytes: number): void {
    this.#room += bytes;
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let rest = bytes; rest.length > 0; ) {
      while (this.#room === 0 && !this.#ended)
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      if (this.#ended) return;
      const piece = rest.subarray(0, this.#room);
      this.#room -= piece.length;
      rest = rest.subarray(piece.length);
      await this.#send(piece);
    }
  }
}
