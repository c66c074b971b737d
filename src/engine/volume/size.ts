/** How much a volume holds. */

import { existsSync } from "node:fs";
import { treeSize } from "../../image/files/measure.ts";
import type { EngineHost } from "../host.ts";
import { paths } from "../roots.ts";

/** Bytes; of one that was never mounted none. */
export async function volumeSize(host: EngineHost, name: string): Promise<number> {
  const folder = paths.volume(host.roots, name);
  return existsSync(folder) ? treeSize(host.shim, folder) : 0;
}
