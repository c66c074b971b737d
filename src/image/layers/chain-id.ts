/** The name of what layers show together (image-spec, config.md, "Layer ChainID"). */

import { createHash } from "node:crypto";
import type { Digest } from "../../base/ids.ts";

/** Of diff ids from the base up, at least one. */
export function chainId(diffIds: readonly Digest[]): Digest {
  return diffIds.reduce(
    (below, diffId) => `sha256:${createHash("sha256").update(`${below} ${diffId}`).digest("hex")}` as Digest,
  );
}
