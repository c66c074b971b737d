/**
 * A stack of things to take back, in reverse order, when a larger step fails half way.
 *
 * Use with `await using`: leaving the scope without `keep()` runs every undo; their errors are collected
 * and reported together, so that one failing undo does not hide the others.
 */
export class UndoStack implements AsyncDisposable {
  readonly #steps: { readonly what: string; readonly undo: () => void | Promise<void> }[] = [];
  #kept = false;

  /** Remembers how to take back what was just done; `what` completes the sentence "cannot …". */
  push(what: string, undo: () => void | Promise<void>): void {
    this.#steps.push({ what, undo });
  }

  /** The larger step succeeded: nothing is taken back. */
  keep(): void {
    this.#kept = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#kept) return;
    const failures: Error[] = [];
    for (const { what, undo } of this.#steps.reverse()) {
      try {
        await undo();
      } catch (cause) {
        failures.push(new Error(`cannot ${what}`, { cause }));
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, failures.map((f) => f.message).join("; "));
  }
}
