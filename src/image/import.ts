/** An image of a single layer from an archive of a root file system, as `docker import` makes it. */

import type { Digest } from "../base/ids.ts";
import type { ContainerDefaults } from "../spec/image/config.ts";
import type { Descriptor, Platform } from "../spec/image/descriptor.ts";
import { ociConfig, ociManifest } from "../spec/image/media-types.ts";
import { formatJson } from "../spec/schema/json.ts";
import { commitLayer, verifyTar } from "./archive/layer-blob.ts";
import { ingestBlob, stageBlob } from "./store/ingest.ts";
import { takeLease } from "./store/lease.ts";
import { keepImage, nameImage } from "./store/references.ts";
import type { ImageStore } from "./store/store.ts";

export interface ImportOptions {
  readonly platform: Platform;
  /** Full name; without one the image is kept nameless. */
  readonly name?: string;
  /** What the history says; Docker writes "Imported from SOURCE" where the user gives none. */
  readonly message: string;
  readonly config?: ContainerDefaults;
}

/** Stores the archive, plain or compressed, and names the image; it is not unpacked. */
export async function importImage(
  store: ImageStore,
  rootfs: AsyncIterable<Uint8Array>,
  options: ImportOptions,
): Promise<{ readonly id: Digest; readonly target: Descriptor }> {
  using lease = takeLease(store);
  const staged = await stageBlob(lease, rootfs);
  await verifyTar(staged);
  const { descriptor, diffId } = await commitLayer(lease, staged);
  const config = await ingestBlob(lease, [Buffer.from(formatJson(imageConfig(store, diffId, options)))]);
  const manifest = {
    schemaVersion: 2,
    mediaType: ociManifest,
    config: { mediaType: ociConfig, ...config },
    layers: [descriptor],
  };
  const target = {
    mediaType: ociManifest,
    ...(await ingestBlob(lease, [Buffer.from(formatJson(manifest))])),
  };
  await (options.name === undefined ? keepImage(store, target) : nameImage(store, options.name, target));
  return { id: config.digest, target };
}

function imageConfig(
  store: ImageStore,
  diffId: Digest,
  { platform, message, config = {} }: ImportOptions,
): unknown {
  const created = new Date(store.now()).toISOString();
  return {
    created,
    ...platform,
    config,
    rootfs: { type: "layers", diff_ids: [diffId] },
    history: [{ created, comment: message }],
  };
}
