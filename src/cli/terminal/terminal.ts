/**
 * The user's terminal: raw mode while a container has it, and its size.
 *
 * Use with `using`: leaving the scope, or the end of the process by whatever way runs exit handlers, gives the
 * terminal back as it was. Raw mode is that of cfmakeraw(3), output included: the line discipline of the
 * container's own terminal has already turned line feeds into what the user's needs.
 */

import { spawnSync } from "node:child_process";
import type { ReadStream, WriteStream } from "node:tty";

export interface WindowSize {
  readonly columns: number;
  readonly rows: number;
}

/** Undefined when the stream is no terminal or has no size. */
export function windowSize(output: WriteStream | undefined): WindowSize | undefined {
  if (!output?.isTTY || !output.columns || !output.rows) return undefined;
  return { columns: output.columns, rows: output.rows };
}

/** Calls `changed` with the size now and after every change; ends when disposed. */
export function watchSize(output: WriteStream, changed: (size: WindowSize) => void): Disposable {
  const report = () => {
    const size = windowSize(output);
    if (size) changed(size);
  };
  report();
  output.on("resize", report);
  return { [Symbol.dispose]: () => void output.off("resize", report) };
}

export class RawMode implements Disposable {
  readonly #input: ReadStream;
  readonly #restore = () => this[Symbol.dispose]();
  #active = true;

  /** `input` must be a terminal. */
  constructor(input: ReadStream & { readonly fd: number }) {
    this.#input = input;
    input.setRawMode(true);
    // setRawMode leaves output processing on, which would turn every bare line feed of a full-screen program
    // into carriage return and line feed. Where stty is missing that is a blemish, not a failure.
    spawnSync("stty", ["-opost"], { stdio: [input.fd, "ignore", "ignore"] });
    process.on("exit", this.#restore);
  }

  [Symbol.dispose](): void {
    if (!this.#active) return;
    this.#active = false;
    process.off("exit", this.#restore);
    this.#input.setRawMode(false);
  }
}
