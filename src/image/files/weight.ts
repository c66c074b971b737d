/** What an entry of an archive would take: `docker cp` tells so many bytes as copied. */

import { blockSize, paddingOf } from "../tar/block.ts";
import type { FileStat } from "./stat.ts";

export function archivedSize({ size }: FileStat): number {
  return blockSize + size + paddingOf(size);
}
