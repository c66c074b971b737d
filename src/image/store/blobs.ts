/** Reading blobs, and removing them. The synchronous functions are for the way to a container's start. */

import { readFileSync, rmSync, statSync } from "node:fs";
import { type DigestAlgorithm, digestOf } from "../../base/digest.ts";
import { BrigError } from "../../base/errors.ts";
import type { Digest } from "../../base/ids.ts";
import { fileChunks } from "../stream/file.ts";
import { blobFile, type ImageStore } from "./store.ts";

export function hasBlob(store: ImageStore, digest: Digest): boolean {
  return blobSize(store, digest) !== undefined;
}

/** In bytes; undefined when the blob is not there. */
export function blobSize(store: ImageStore, digest: Digest): number | undefined {
  return statSync(blobFile(store, digest), { throwIfNoEntry: false })?.size;
}

/** A manifest, index or config, verified once more: disks fail, and these are a few KiB. */
export function readBlob(store: ImageStore, digest: Digest): Buffer {
  let bytes: Buffer;
  try {
    bytes = readFileSync(blobFile(store, digest));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") throw missing(digest);
    throw cause;
  }
  const algorithm = digest.slice(0, digest.indexOf(":")) as DigestAlgorithm;
  if (`${algorithm}:${digestOf(algorithm, bytes).toString("hex")}` !== digest)
    throw new BrigError(
      "internal",
      `cannot use blob ${digest}: it is damaged; remove the image and get it again`,
      {
        code: "damaged-blob",
      },
    );
  return bytes;
}

/** A layer, not verified: whoever unpacks it compares its diff id. */
export async function* streamBlob(
  store: ImageStore,
  digest: Digest,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (!hasBlob(store, digest)) throw missing(digest);
  yield* fileChunks(blobFile(store, digest));
}

/** Removing what is not there is no failure. */
export function removeBlob(store: ImageStore, digest: Digest): void {
  rmSync(blobFile(store, digest), { force: true });
}

function missing(digest: Digest): BrigError {
  return new BrigError("not-found", `cannot find blob ${digest} in the image store; get the image again`, {
    code: "missing-blob",
  });
}
