/** A pause. `node:timers/promises` has one too, but loading it takes longer than most of them. */

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
