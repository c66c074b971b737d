/** `index.json`: the roots of the store. Read without a lock, replaced as a whole under it. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Descriptor } from "../../spec/image/descriptor.ts";
import { layoutIndexFile, parseLayoutIndex } from "../../spec/image/layout.ts";
import { withIndexLock } from "./lock.ts";
import { type ImageStore, prepareStore } from "./store.ts";

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
    if (changed === entries) return;
    // Not loaded by those who only read.
    const { replaceIndex } = await import("./replace-index.ts");
    await replaceIndex(store, changed);
  });
}
