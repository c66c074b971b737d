/** `index.json`: the roots of the store. Read without a lock, replaced as a whole under it. */

import { readFileSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Descriptor } from "../../spec/image/descriptor.ts";
import { layoutIndexFile, parseLayoutIndex } from "../../spec/image/layout.ts";
import { ociIndex } from "../../spec/image/media-types.ts";
import { formatJson } from "../../spec/schema/json.ts";
import { synced } from "./ingest.ts";
import { withIndexLock } from "./lock.ts";
import { type ImageStore, ingestFolder, prepareStore } from "./store.ts";

/** The entries as they are now; none when there is no store yet. */
export function readIndex(store: ImageStore): readonly Descriptor[] {
  let json: string;
  try {
    json = readFileSync(join(store.folder, layoutIndexFile), "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  return parseLayoutIndex(json).manifests;
}

/** Replaces the entries by what `change` makes of them; returning the same array leaves the file alone. */
export async function updateIndex(
  store: ImageStore,
  change: (entries: readonly Descriptor[]) => readonly Descriptor[],
): Promise<void> {
  prepareStore(store);
  await withIndexLock(store, async () => {
    const entries = readIndex(store);
    const changed = change(entries);
    if (changed !== entries) await replaceIndex(store, changed);
  });
}

async function replaceIndex(store: ImageStore, manifests: readonly Descriptor[]): Promise<void> {
  const temporary = join(ingestFolder(store), `index-${Buffer.from(store.random(8)).toString("hex")}`);
  const handle = await open(temporary, "wx", 0o600);
  try {
    await handle.writeFile(formatJson({ schemaVersion: 2, mediaType: ociIndex, manifests }));
    await handle.sync();
    await rename(temporary, join(store.folder, layoutIndexFile));
    await synced(store.folder);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}
