/** Removes the layers that nothing needs, and what dead processes have left. */

import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Digest, type HostPath, parseDigest } from "../../base/ids.ts";
import { type LayerStore, layerFolder, markSuffix } from "./layer-store.ts";
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

export interface StoredLayers {
  /** Of the folders that have a layer's name. */
  readonly diffIds: readonly Digest[];
  /** Of marks that say something of a layer that is not there. */
  readonly lostMarks: readonly Digest[];
}

export function storedLayers(store: LayerStore): StoredLayers {
  const names = namesIn(store.folder);
  const marks = names
    .filter((name) => name.endsWith(markSuffix))
    .map((name) => name.slice(0, -markSuffix.length));
  const ofNames = (list: readonly string[]) => list.flatMap((name) => diffIdOf(name) ?? []);
  return { diffIds: ofNames(names), lostMarks: ofNames(marks.filter((name) => !names.includes(name))) };
}

/** While nobody gives a name, as a mark comes before its layer. */
export async function removeLostMark(store: LayerStore, diffId: Digest): Promise<void> {
  await store.exclusively(() => {
    if (storedLayers(store).lostMarks.includes(diffId))
      rmSync(layerFolder(store, diffId) + markSuffix, { force: true });
  });
}

function diffIdOf(name: string): Digest | undefined {
  return parseDigest(name.includes("-") ? name.replace("-", ":") : `sha256:${name}`);
}
