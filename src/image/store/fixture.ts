/** Stores for the tests, in a folder of their own. */

import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Digest, HostPath } from "../../base/ids.ts";
import type { Descriptor, Platform } from "../../spec/image/descriptor.ts";
import { ociConfig, ociIndex, ociLayer, ociManifest } from "../../spec/image/media-types.ts";
import { ingestBlob } from "./ingest.ts";
import { takeLease } from "./lease.ts";
import { thisProcess } from "./owner.ts";
import { type ImageStore, imageStore, ingestFolder } from "./store.ts";

export interface TestStore extends AsyncDisposable {
  readonly root: HostPath;
  readonly store: ImageStore;
}

export function testStore(): TestStore {
  const root = mkdtempSync(join(tmpdir(), "brig-image-")) as HostPath;
  const store = imageStore(root, {
    owner: thisProcess(),
    now: Date.now,
    random: (size) => randomBytes(size),
  });
  return {
    root,
    store,
    [Symbol.asyncDispose]: async () => rmSync(root, { recursive: true, force: true }),
  };
}

/** What is left where blobs are written; nothing, as a rule. */
export function leftovers(store: ImageStore): readonly string[] {
  return existsSync(ingestFolder(store)) ? readdirSync(ingestFolder(store)) : [];
}

/** Stores a text or an object as JSON, and describes it. Nothing holds it. */
export async function put(store: ImageStore, mediaType: string, content: unknown): Promise<Descriptor> {
  using lease = takeLease(store);
  const bytes = Buffer.from(typeof content === "string" ? content : JSON.stringify(content));
  return { mediaType, ...(await ingestBlob(lease, [bytes])) };
}

/** A process that has ended, as an owner of files. */
export const gone = "4194304_5_00000000-0000-0000-0000-000000000000";

/** A manifest, its config and one layer; the layer's diff id is that of its bytes. */
export async function putImage(
  store: ImageStore,
  layer: string,
  architecture = "amd64",
): Promise<Descriptor> {
  const layerBlob = await put(store, ociLayer, layer);
  const rootfs = { type: "layers", diff_ids: [layerBlob.digest] };
  const config = await put(store, ociConfig, { os: "linux", architecture, config: {}, rootfs });
  return put(store, ociManifest, { schemaVersion: 2, mediaType: ociManifest, config, layers: [layerBlob] });
}

export async function putIndex(
  store: ImageStore,
  manifests: readonly (Descriptor & { readonly platform?: Platform })[],
): Promise<Descriptor> {
  return put(store, ociIndex, { schemaVersion: 2, mediaType: ociIndex, manifests });
}

export const absent = `sha256:${"0".repeat(64)}` as Digest;
