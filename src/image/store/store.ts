/**
 * The content store. It is an OCI image layout (image-spec, image-layout.md), so that every tool that knows one can
 * read it in place:
 *
 *   <root>/image/oci-layout
 *                index.json               names and what they stand for
 *                blobs/sha256/HEX         manifests, configs, layers, as they came
 *                ingest/                  blobs that are still being written, or have no name yet (lease.ts)
 *                index.lock/              who may replace index.json (lock.ts)
 *
 * Invariants: a file in `blobs` is complete, is on disk, and has the digest it is named after; `index.json` is only
 * ever replaced as a whole. Readers take no lock.
 */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Digest, HostPath } from "../../base/ids.ts";
import { blobPath, layoutFile, layoutVersion } from "../../spec/image/layout.ts";
import type { Owner } from "./owner.ts";

export interface ImageStore {
  readonly folder: HostPath;
  /** This process, as a holder of locks. */
  readonly owner: Owner;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly random: (size: number) => Uint8Array;
}

/** The store under a root. Nothing is touched: a `run` only reads. */
export function imageStore(root: HostPath, host: Omit<ImageStore, "folder">): ImageStore {
  return { ...host, folder: join(root, "image") as HostPath };
}

export function blobFile(store: ImageStore, digest: Digest): HostPath {
  return join(store.folder, blobPath(digest)) as HostPath;
}

export function ingestFolder(store: ImageStore): HostPath {
  return join(store.folder, "ingest") as HostPath;
}

/** Makes the folders, before the first write. What images hold is for root only: a layer may contain secrets. */
export function prepareStore(store: ImageStore): void {
  for (const folder of ["blobs/sha256", "blobs/sha512", "ingest"])
    mkdirSync(join(store.folder, folder), { recursive: true, mode: 0o700 });
  try {
    const text = JSON.stringify({ imageLayoutVersion: layoutVersion });
    writeFileSync(join(store.folder, layoutFile), text, { flag: "wx", mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}
