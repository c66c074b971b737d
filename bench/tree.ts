/**
 * Makes a tree of 1 GB in 20,000 files, for the cases of `cp`: sizes from nothing to half a megabyte as trees of sources
 * and packages have them, many small ones and few large.
 *
 *   tree.ts FOLDER    unless it is there
 */

import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [files, folders, bytes] = [20_000, 400, 1_000_000_000];

const folder = process.argv[2]!;
if (!existsSync(folder)) make();

function make(): void {
  const draft = `${folder}.new`;
  const content = Buffer.alloc(1 << 20, "The quick brown fox jumps over the lazy dog.\n");
  // The cube of an even spread has its mean at a quarter.
  const largest = (bytes / files) * 4;
  for (let number = 0; number < files; number++) {
    const within = join(draft, `folder-${number % folders}`);
    if (number < folders) mkdirSync(within, { recursive: true });
    const size = Math.round(largest * ((number + 0.5) / files) ** 3);
    writeFileSync(join(within, `file-${number}`), content.subarray(0, size));
  }
  renameSync(draft, folder);
}
