/**
 * Watches what the user types for the keys that take the terminal off the container.
 *
 * Keys that begin the sequence are held back until the next one decides: the container sees all of them or, when
 * the sequence is complete, none.
 */
export class DetachWatch {
  readonly #keys: Uint8Array;
  #matched = 0;

  /** No keys: nothing ever detaches. */
  constructor(keys: Uint8Array) {
    this.#keys = keys;
  }

  /** What of the input goes to the container, and whether the sequence is complete (what follows it is dropped). */
  push(input: Uint8Array): { readonly forward: Uint8Array; readonly detached: boolean } {
    if (this.#keys.length === 0) return { forward: input, detached: false };
    const forward: number[] = [];
    for (const byte of input) {
      if (byte !== this.#keys[this.#matched]) {
        forward.push(...this.#keys.subarray(0, this.#matched));
        this.#matched = 0;
      }
      if (byte !== this.#keys[this.#matched]) {
        forward.push(byte);
        continue;
      }
      this.#matched++;
      if (this.#matched === this.#keys.length) {
        this.#matched = 0;
        return { forward: Uint8Array.from(forward), detached: true };
      }
    }
    return { forward: Uint8Array.from(forward), detached: false };
  }
}
