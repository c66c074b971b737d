/** What has been unpacked becomes a layer of the store. */

import { renameSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import type { Digest, HostPath } from "../../base/ids.ts";
import { bootOf } from "../store/owner.ts";
import { synced } from "../store/synced.ts";
import { hasLayer, type LayerStore, layerFolder, layerName, markSuffix } from "./layer-store.ts";
import { outOfSight } from "./temporary.ts";

/**
 * Moves an unpacked layer to its place. Returns what is to be removed: nothing, a layer that the end of another boot
 * may have damaged, or the given one, when another process has unpacked the same in the meantime.
 */
export async function giveName(
  store: LayerStore,
  temporary: HostPath,
  diffId: Digest,
): Promise<HostPath | undefined> {
  const target = layerFolder(store, diffId);
  return store.exclusively(async () => {
    if (hasLayer(store, diffId)) return temporary;
    const damaged = outOfSight(store, target);
    await mark(store, target + markSuffix);
    renameSync(temporary, target);
    return damaged;
  });
}

/** To be called when layers have got their names: some time later they are on the disk, and no mark doubts them. */
export async function confirmWhenSynced(store: LayerStore, diffIds: readonly Digest[]): Promise<void> {
  if (diffIds.length === 0) return;
  const marks = diffIds.map((diffId) => layerName(diffId) + markSuffix);
  await store.emptyWhenSynced(store.folder, marks);
}

/** Makes a mark that says: of this boot. On the disk, because a lost or empty one would say that all is well. */
async function mark(store: LayerStore, path: string): Promise<void> {
  rmSync(path, { force: true });
  const handle = await open(path, "wx", 0o600);
  try {
    await handle.writeFile(bootOf(store.owner.id));
    await handle.sync();
  } finally {
    await handle.close();
  }
  await synced(store.folder);
}
