/** `--cidfile`: taken before the container is made, so that two runs never share it; gone again when none was made. */

import { closeSync, openSync, unlinkSync, writeSync } from "node:fs";
import { BrigError, messageOf } from "../../base/errors.ts";

export class CidFile implements Disposable {
  readonly #path: string;
  readonly #fd: number;
  #written = false;

  private constructor(path: string, fd: number) {
    this.#path = path;
    this.#fd = fd;
  }

  /** Throws when the file exists. */
  static reserve(path: string): CidFile {
    try {
      return new CidFile(path, openSync(path, "wx", 0o644));
    } catch (cause) {
      const exists = (cause as NodeJS.ErrnoException).code === "EEXIST";
      const reason = exists
        ? `container ID file found, make sure the other container isn't running or delete ${path}`
        : `failed to create the container ID file: ${messageOf(cause)}`;
      throw new BrigError(exists ? "conflict" : "invalid", reason, { cause });
    }
  }

  write(id: string): void {
    writeSync(this.#fd, id);
    this.#written = true;
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
    if (!this.#written) unlinkSync(this.#path);
  }
}
