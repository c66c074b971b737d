/**
 * A service at rest: when no request has come for a while, what those before have left in memory is given back. Bun itself
 * would leave it there until somebody needs the room, and a service that nobody asks asks for none.
 */

/** Milliseconds: it is at rest when this has passed without a request. */
const pause = 1000;

export class Rest implements Disposable {
  readonly #collect: () => void;
  #timer: NodeJS.Timeout | undefined;
  #asked = false;

  constructor(collect: () => void = collectGarbage) {
    this.#collect = collect;
  }

  /** Somebody has asked for something. */
  end(): void {
    this.#asked = true;
    this.#timer ??= setInterval(() => this.#look(), pause).unref();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    if (this.#asked) {
      this.#asked = false;
      return;
    }
    this[Symbol.dispose]();
    this.#collect();
  }
}

/** Node has no such call, unless it is started with `--expose-gc`. */
function collectGarbage(): void {
  const { Bun: bun } = globalThis as { readonly Bun?: { gc(now: boolean): void } };
  bun?.gc(true);
}
