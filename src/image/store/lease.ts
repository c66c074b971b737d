/**
 * A lease: the folder `ingest/OWNER-RANDOM/` of whoever puts something into the store. It has the files that are
 * still being written, and another link to each blob that its holder counts on and that no name leads to yet.
 *
 * Invariants: collection removes no blob that a lease has a link to. A lease ends with its holder: what a killed
 * process has left is removed when the next lease is taken, or by the next collection.
 */

import { mkdirSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { HostPath } from "../../base/ids.ts";
import { isOwned, ownedName } from "./owner.ts";
import { type ImageStore, ingestFolder, prepareStore } from "./store.ts";

export interface Lease extends Disposable {
  readonly store: ImageStore;
  readonly folder: HostPath;
}

/** The caller's until disposed of, which must not be before what was stored has a name. */
export function takeLease(store: ImageStore): Lease {
  prepareStore(store);
  removeAbandoned(store);
  const folder = join(ingestFolder(store), ownedName(store.owner, store.random)) as HostPath;
  mkdirSync(folder, { mode: 0o700 });
  return { store, folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The path of a file that is not there yet. */
export function fileIn({ store, folder }: Lease): HostPath {
  return join(folder, Buffer.from(store.random(16)).toString("hex")) as HostPath;
}

/** Removes what dead processes have left where blobs are written. */
export function removeAbandoned(store: ImageStore): void {
  for (const name of abandonedLeases(store))
    rmSync(join(ingestFolder(store), name), { recursive: true, force: true });
}

/** Names in the folder where blobs are written whose owners are gone. */
export function abandonedLeases(store: ImageStore): readonly string[] {
  return entriesOf(ingestFolder(store)).filter((name) => !isOwned(store.owner, name));
}

/** The inodes of the files in all leases. A blob is never moved to another file system: it has links there. */
export function leasedFiles(store: ImageStore): ReadonlySet<number> {
  const inodes = new Set<number>();
  for (const lease of entriesOf(ingestFolder(store)))
    for (const name of entriesOf(join(ingestFolder(store), lease))) {
      const stat = statSync(join(ingestFolder(store), lease, name), { throwIfNoEntry: false });
      if (stat !== undefined) inodes.add(stat.ino);
    }
  return inodes;
}

/** None when the folder is not there, or no more, or is a file. */
function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return [];
    throw error;
  }
}
