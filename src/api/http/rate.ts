/** How many requests a second are answered: a bucket that fills steadily, and from which each request takes. */

/** Many times what a client library reaches on one connection; a loop that has run wild is told to wait. */
export const requestsPerSecond = 20_000;

export class Rate {
  readonly #perSecond: number;
  readonly #now: () => number;
  #left: number;
  #at: number;

  constructor(perSecond: number = requestsPerSecond, now: () => number = () => performance.now()) {
    this.#perSecond = perSecond;
    this.#now = now;
    this.#left = perSecond;
    this.#at = now();
  }

  /** Whether there is room for one more now. */
  take(): boolean {
    const now = this.#now();
    this.#left = Math.min(this.#perSecond, this.#left + ((now - this.#at) / 1000) * this.#perSecond);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
