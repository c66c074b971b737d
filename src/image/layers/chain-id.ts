/** The name of what layers show together (image-spec, config.md, "Layer ChainID"). */

import { createHash } from "node:crypto";
import type { Digest } from "../../base/ids.ts";

/** Of diff ids from the base up; an image without layers has the name of nothing. */
export function chainId(diffIds: readonly Digest[]): Digest {
  if (diffIds.length === 0) return `sha256:${createHash("sha256").digest("hex")}` as Digest;
  return diffIds.reduce(
    (below, diffId) => `sha256:${createHash("sha256").update(`${below} ${diffId}`).digest("hex")}` as Digest,
  );
}
