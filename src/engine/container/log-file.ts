/** The end of a log file: a power cut may leave part of a line there, or zeros in its place. */

import { closeSync, fstatSync, openSync, readSync, statSync, truncateSync } from "node:fs";

/** How many bytes come after the last whole line; 0 where there is no log. */
export function tornBytes(path: string): number {
  if (!statSync(path, { throwIfNoEntry: false })?.isFile()) return 0;
  const fd = openSync(path, "r");
  try {
    const { size } = fstatSync(fd);
    for (let end = size; end > 0; end -= piece) {
      const start = Math.max(0, end - piece);
      const bytes = Buffer.alloc(end - start);
      readSync(fd, bytes, 0, bytes.length, start);
      const at = bytes.lastIndexOf(newline);
      if (at >= 0) return size - (start + at + 1);
    }
    return size;
  } finally {
    closeSync(fd);
  }
}

/** While no shim writes to it. */
export function cutTorn(path: string): void {
  const torn = tornBytes(path);
  if (torn > 0) truncateSync(path, statSync(path).size - torn);
}

const newline = 0x0a;
/** Four times the longest line that a shim writes. */
const piece = 65_536;
