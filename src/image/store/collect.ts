/**
 * Garbage collection: what no entry of the index leads to is removed, unless somebody's lease holds it: a load stores
 * layers first and names the image last.
 */

import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Digest, type HostPath, parseDigest } from "../../base/ids.ts";
import type { Descriptor } from "../../spec/image/descriptor.ts";
import { hasBlob, removeBlob } from "./blobs.ts";
import { readIndex } from "./index-file.ts";
import type { StoredBlob } from "./ingest.ts";
import { leasedFiles, removeAbandoned } from "./lease.ts";
import { withIndexLock } from "./lock.ts";
import { readConfig, readDocument } from "./resolve.ts";
import { blobFile, type ImageStore } from "./store.ts";

export interface CollectOptions {
  /** What is needed though it has no entry: images of containers that were forced out of the index. */
  readonly roots?: readonly Descriptor[];
}

/** What the entries of the index lead to. */
export interface Reachable {
  readonly blobs: ReadonlySet<Digest>;
  /** Of the unpacked layers. */
  readonly diffIds: ReadonlySet<Digest>;
  /** Those of each image, the base first. */
  readonly images: readonly (readonly Digest[])[];
}

/** Removes the garbage; returns what blobs there were. */
export async function collectGarbage(
  store: ImageStore,
  { roots = [] }: CollectOptions = {},
): Promise<readonly StoredBlob[]> {
  removeAbandoned(store);
  return withIndexLock(store, () => {
    const { blobs } = reachable(store, [...readIndex(store), ...roots]);
    // A name cannot be given now.
    const garbage = unneededBlobs(store, blobs);
    for (const { digest } of garbage) removeBlob(store, digest);
    return garbage;
  });
}

/** The blobs that are not among the needed ones, and that no lease holds. */
export function unneededBlobs(store: ImageStore, needed: ReadonlySet<Digest>): readonly StoredBlob[] {
  const unnamed = storedDigests(store).filter((digest) => !needed.has(digest));
  // Looked at after the blobs: whatever was committed since is no candidate.
  const leased = leasedFiles(store);
  return unnamed.flatMap((digest): readonly StoredBlob[] => {
    const stat = statSync(blobFile(store, digest), { throwIfNoEntry: false });
    return stat === undefined || leased.has(stat.ino) ? [] : [{ digest, size: stat.size }];
  });
}

/** Follows indexes, manifests and configs as far as they are here. */
export function reachable(store: ImageStore, roots: readonly Descriptor[]): Reachable {
  const blobs = new Set<Digest>();
  const diffIds = new Set<Digest>();
  const images: (readonly Digest[])[] = [];
  const waiting = [...roots];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (blobs.has(next.digest)) continue;
    blobs.add(next.digest);
    if (!hasBlob(store, next.digest)) continue;
    const document = readDocument(store, next);
    if (document.kind === "index") {
      waiting.push(...document.index.manifests);
      continue;
    }
    const { config, layers } = document.manifest;
    for (const { digest } of [config, ...layers]) blobs.add(digest);
    const its = diffIdsOf(store, config.digest);
    for (const diffId of its) diffIds.add(diffId);
    images.push(its);
  }
  return { blobs, diffIds, images };
}

/** An artifact's config is no image config: it has no layers that could be unpacked. */
function diffIdsOf(store: ImageStore, config: Digest): readonly Digest[] {
  if (!hasBlob(store, config)) return [];
  try {
    return readConfig(store, config).rootfs.diff_ids;
  } catch {
    return [];
  }
}

export function storedDigests(store: ImageStore): readonly Digest[] {
  return ["sha256", "sha512"].flatMap((algorithm) =>
    list(join(store.folder, "blobs", algorithm) as HostPath).flatMap(
      (hex) => parseDigest(`${algorithm}:${hex}`) ?? [],
    ),
  );
}

function list(folder: HostPath): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
