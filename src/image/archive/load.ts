/**
 * Loads archives of images into the store: what `docker save` has written since 1.10, with and without the OCI
 * layout that Docker 25 added, and OCI archives (`skopeo copy … oci-archive:`, `podman save --format oci-archive`).
 *
 * Invariants: the source is read once, from beginning to end, and need not be a file; every blob is verified; names
 * are given only when all their blobs are stored; what fails leaves no name and nothing that garbage collection
 * would not find.
 */

import { BrigError } from "../../base/errors.ts";
import type { Digest } from "../../base/ids.ts";
import { archiveManifestFile, archiveRepositoriesFile } from "../../spec/image/archive.ts";
import type { Descriptor } from "../../spec/image/descriptor.ts";
import { layoutFile, layoutIndexFile } from "../../spec/image/layout.ts";
import { decompress } from "../compression/decompress.ts";
import { type Lease, takeLease } from "../store/lease.ts";
import { keepImage, nameImage } from "../store/references.ts";
import type { ImageStore } from "../store/store.ts";
import { readDockerArchive } from "./docker-archive.ts";
import { readOciArchive } from "./oci-archive.ts";
import { StagedFiles } from "./staged-files.ts";

export interface LoadedImage {
  /** Full names, in the order of the archive; none for an image that was saved by its id. */
  readonly names: readonly string[];
  /** Of the manifest or index, as it is in the store. */
  readonly target: Descriptor;
  /** Digest of the config; of an index that of its first image that is here. */
  readonly id: Digest;
}

/** An archive that unpacks to more than a tebibyte is a bomb. */
const archiveLimit = 2 ** 40;

/** The images of an archive, which may itself be compressed. They are stored and named, not unpacked. */
export async function loadArchive(
  store: ImageStore,
  source: AsyncIterable<Uint8Array>,
): Promise<readonly LoadedImage[]> {
  const archive = decompress(source, { limit: archiveLimit, what: "the archive" });
  using lease = takeLease(store);
  const files = await StagedFiles.from(lease, archive);
  const images = await readImages(lease, files);
  for (const { names, target } of images) {
    for (const name of names) await nameImage(store, name, target);
    if (names.length === 0) await keepImage(store, target);
  }
  return images;
}

function readImages(lease: Lease, files: StagedFiles): Promise<readonly LoadedImage[]> {
  // Docker 25 writes both; the OCI layout keeps the manifests, hence the digests, that a registry knows.
  if (files.has(layoutFile) && files.has(layoutIndexFile)) return readOciArchive(lease, files);
  if (files.has(archiveManifestFile)) return readDockerArchive(lease, files);
  const reason = files.has(archiveRepositoriesFile)
    ? "it was saved by a Docker older than 1.10; save it again with a newer one"
    : `it has neither ${archiveManifestFile} nor ${layoutIndexFile}; is it an image archive?`;
  throw new BrigError("invalid", `cannot load the archive: ${reason}`, { code: "no-image-archive" });
}
