/** A new `index.json` in place of the old one: on disk as a whole before it gets the name. Under the index lock. */

import { open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Descriptor } from "../../spec/image/descriptor.ts";
import { layoutIndexFile } from "../../spec/image/layout.ts";
import { ociIndex } from "../../spec/image/media-types.ts";
import { formatJson } from "../../spec/schema/json.ts";
import { ownedName } from "./owner.ts";
import { type ImageStore, ingestFolder } from "./store.ts";
import { synced } from "./synced.ts";

export async function replaceIndex(store: ImageStore, manifests: readonly Descriptor[]): Promise<void> {
  const temporary = join(ingestFolder(store), ownedName(store.owner, store.random));
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
