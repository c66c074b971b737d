/**
 * A place in a log that rotates while it is read: the shim writes `container.log`, and what came before is `.1`, `.2` …
 *
 * The file is held open, so that it can be read to its end under whatever name, also when it has none any more; what
 * is lost to a reader is only what rotation dropped before he came to it, which is whole files.
 */

import { statSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { LogEntry } from "./info.ts";
import { parseLines } from "./log-lines.ts";

/** Many lines, and more than the longest one has (16 KiB and its head). */
const pieceSize = 1 << 20;

export class LogCursor implements AsyncDisposable {
  readonly #path: string;
  readonly #files: number;
  #file: FileHandle;
  #position: number;

  /** Takes the file over; `files` is how many the log has at most. */
  constructor(path: string, files: number, file: FileHandle, position: number) {
    this.#path = path;
    this.#files = files;
    this.#file = file;
    this.#position = position;
  }

  /** At the beginning of the oldest file; undefined when nothing was ever logged. */
  static async atOldest(path: string, files: number): Promise<LogCursor | undefined> {
    for (;;) {
      const name = nameOf(
        path,
        inodesOf(path, files).findLastIndex((inode) => inode !== undefined),
      );
      if (name === undefined) return undefined;
      const file = await openIfThere(name);
      if (file) return new LogCursor(path, files, file, 0);
    }
  }

  /** Which file it is in; no other file has the number as long as this one is open. */
  async inode(): Promise<number> {
    return (await this.#file.stat()).ino;
  }

  /** The file that is written now, and how far it has come. */
  newest(): { readonly inode: number; readonly size: number } | undefined {
    const stat = statSync(this.#path, { throwIfNoEntry: false });
    return stat && { inode: stat.ino, size: stat.size };
  }

  /** Whether rotation has not dropped the file yet. */
  isKept(inode: number): boolean {
    return inodesOf(this.#path, this.#files).includes(inode);
  }

  /** What the file has now, up to an offset that is a line's end, a piece at a time. */
  async *rest(limit = Number.POSITIVE_INFINITY): AsyncGenerator<readonly LogEntry[]> {
    for (;;) {
      const size = Math.min(pieceSize, limit - this.#position);
      if (size <= 0) return;
      const piece = Buffer.allocUnsafe(size);
      const { bytesRead } = await this.#file.read(piece, 0, size, this.#position);
      const { entries, length } = parseLines(piece.subarray(0, bytesRead));
      if (length === 0) return;
      this.#position += length;
      yield entries;
    }
  }

  /** To the file after this one, which is the oldest there is when rotation was faster. False: this is the newest. */
  async advance(): Promise<boolean> {
    const inode = await this.inode();
    for (;;) {
      const before = inodesOf(this.#path, this.#files);
      const at = before.indexOf(inode);
      if (at === 0) return false;
      const name = nameOf(this.#path, at > 0 ? at - 1 : before.findLastIndex((each) => each !== undefined));
      if (name === undefined) return false;
      const next = await openIfThere(name);
      if (!next) continue;
      // Between the look and the opening the names may have moved on; a file that is still there would be passed over.
      const after = inodesOf(this.#path, this.#files);
      const [mine, its] = [after.indexOf(inode), after.indexOf((await next.stat()).ino)];
      if (
        its >= 0 &&
        (mine >= 0 ? its !== mine - 1 : after.findLastIndex((each) => each !== undefined) !== its)
      ) {
        await next.close();
        continue;
      }
      await this.#file.close();
      this.#file = next;
      this.#position = 0;
      return true;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }
}

/** By age, the newest first; one may be missing for the moment of a rotation. */
function inodesOf(path: string, files: number): readonly (number | undefined)[] {
  return Array.from(
    { length: files },
    (_, age) => statSync(nameOf(path, age)!, { throwIfNoEntry: false })?.ino,
  );
}

function nameOf(path: string, age: number): string | undefined {
  return age < 0 ? undefined : age === 0 ? path : `${path}.${age}`;
}

async function openIfThere(name: string): Promise<FileHandle | undefined> {
  try {
    return await open(name, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
