/**
 * A session among files: an executor that has entered wherever it is to be, and the folders it works in.
 *
 * From `top` on every path is walked from fd to fd, component by component and through no symbolic link; mounts may
 * be passed, as a container's volumes are. What `top` itself is, was resolved before (`resolve.ts`).
 */

import type { Executor } from "../../kernel/executor/executor.ts";
import { Pipeline } from "../../kernel/executor/pipeline.ts";
import { OpenFolders } from "../layers/session-folders.ts";

/** Slots end below 256; two sides share what is left. */
const foldersOfASide = 80;

export interface Side {
  /** The slot of the folder that its paths begin in. */
  readonly top: number;
  readonly folders: OpenFolders;
}

export class FileSession {
  readonly pipeline: Pipeline;
  /** Where one file is open, and another; the lowest slots, so that open(2) returns them. */
  readonly file: number;
  readonly copy: number;
  readonly #executor: Executor;

  /** `lowest` are the executor's first two slots. */
  constructor(executor: Executor, lowest: readonly [number, number]) {
    this.#executor = executor;
    [this.file, this.copy] = lowest;
    this.pipeline = new Pipeline(executor);
  }

  /** A slot for as long as the session lasts. */
  slot(): number {
    return this.#executor.slots.slot("folder").fd;
  }

  side(top: number): Side {
    const slots = Array.from({ length: foldersOfASide }, () => this.slot());
    return { top, folders: new OpenFolders(top, slots, "mounts") };
  }
}
