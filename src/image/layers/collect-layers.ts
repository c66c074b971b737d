/** Removes the layers that nothing needs, and what dead processes have left. */

import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Digest, type HostPath, parseDigest } from "../../base/ids.ts";
import { type LayerStore, markSuffix } from "./layer-store.ts";
import { namesIn, outOfSight, removeTree, takeAbandoned } from "./temporary.ts";

/**
 * No container may have mounted what is not needed. `needed` is asked while no name is given: an image that gets one
 * later will look whether its layers are there.
 */
export async function collectLayers(
  store: LayerStore,
  needed: () => ReadonlySet<Digest>,
): Promise<readonly Digest[]> {
  const removed: Digest[] = [];
  const garbage = await store.exclusively(() => {
    const keep = needed();
    return namesIn(store.folder).flatMap((name) => {
      const path = join(store.folder, name) as HostPath;
      if (name.endsWith(markSuffix) && statSync(path, { throwIfNoEntry: false })?.size === 0) rmSync(path);
      const diffId = diffIdOf(name);
      if (diffId === undefined || keep.has(diffId)) return [];
      removed.push(diffId);
      // First out of sight, in one step: a removal that is interrupted must not leave half a layer.
      return outOfSight(store, path) ?? [];
    });
  });
  for (const folder of [...garbage, ...takeAbandoned(store)]) await removeTree(store, folder);
  return removed;
}

function diffIdOf(name: string): Digest | undefined {
  return parseDigest(name.includes("-") ? name.replace("-", ":") : `sha256:${name}`);
}
