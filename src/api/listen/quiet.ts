/** Tells when nobody has been connected for a while: a service that was started for somebody ends when he has gone. */

import type { Socket } from "node:net";

export class Quiet {
  readonly #milliseconds: number | undefined;
  readonly #reached = Promise.withResolvers<void>();
  #connections = 0;
  #timer: NodeJS.Timeout | undefined;

  /** Never, where no time is given. */
  constructor(milliseconds: number | undefined) {
    this.#milliseconds = milliseconds;
    this.#wait();
  }

  /** Resolves when it was quiet for that long. */
  get reached(): Promise<void> {
    return this.#reached.promise;
  }

  /** The same, with each connection counted for as long as it lasts. */
  counting(accept: (socket: Socket) => void): (socket: Socket) => void {
    return (socket) => {
      clearTimeout(this.#timer);
      this.#connections++;
      socket.on("close", () => {
        if (--this.#connections === 0) this.#wait();
      });
      accept(socket);
    };
  }

  #wait(): void {
    if (this.#milliseconds !== undefined)
      this.#timer = setTimeout(() => this.#reached.resolve(), this.#milliseconds);
  }
}
