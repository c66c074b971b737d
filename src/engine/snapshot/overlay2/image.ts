/** The layers of an image, as an overlay takes them. */

import { join } from "node:path";
import { BrigError } from "../../../base/errors.ts";
import type { Digest, HostPath } from "../../../base/ids.ts";
import { hasLayer, layerName } from "../../../image/layers/layer-store.ts";
import type { ResolvedImage } from "../../../image/store/resolve.ts";
import { lowerLimit } from "../../../runtime/launch/overlay.ts";
import type { RootSource } from "../../../runtime/launch/rootfs.ts";
import type { EngineHost } from "../../host.ts";
import { makePublicDirectory } from "../../public-files.ts";
import type { Roots } from "../../roots.ts";
import { layersOf } from "../layers.ts";

type Layered = Pick<ResolvedImage, "config">;

/** Beneath the root, the uppermost first. */
export function lowerOf({ config }: Layered): readonly string[] {
  return uppermostFirst(config.rootfs.diff_ids).map((diffId) => join("layers", layerName(diffId)));
}

export function layerFolders({ roots }: Pick<EngineHost, "roots">, image: Layered): readonly HostPath[] {
  return lowerOf(image).map((layer) => join(roots.root, layer) as HostPath);
}

/** A single layer hides nothing, and an overlay needs two. */
export function imageOf(roots: Roots, image: Layered): RootSource {
  const lower = lowerOf(image);
  if (lower.length > 1) return { kind: "overlay", base: roots.root, lower };
  const path = join(roots.root, lower[0] ?? emptyLayer) as HostPath;
  if (lower.length === 0) makePublicDirectory(path);
  return { kind: "directory", path };
}

/** What an image without layers shows. */
const emptyLayer = join("layers", "empty");

/** Unpacks what is not unpacked yet; a cheap look on the way of every `run`, which loads nothing of the unpacking. */
export async function unpackImage(host: EngineHost, image: ResolvedImage): Promise<void> {
  const store = layersOf(host);
  const missing = image.layers.filter(({ diffId }) => !hasLayer(store, diffId));
  if (missing.length === 0) return;
  const { confirmWhenSynced } = await import("../../../image/layers/give-name.ts");
  const { unpackLayer } = await import("../../../image/layers/unpack.ts");
  const { streamBlob } = await import("../../../image/store/blobs.ts");
  for (const { layer, diffId } of missing)
    await unpackLayer(store, diffId, () => streamBlob(host.images, layer.digest));
  await confirmWhenSynced(
    store,
    missing.map(({ diffId }) => diffId),
  );
}

export function isUnpacked(host: EngineHost, { config }: Layered): boolean {
  const store = layersOf(host);
  return config.rootfs.diff_ids.every((diffId) => hasLayer(store, diffId));
}

/** Throws for an image of more layers than an overlay can have. */
export function refuseTooManyLayers(image: Layered): void {
  const count = lowerOf(image).length;
  const limit = lowerLimit - 1; // one is ours
  if (count <= limit) return;
  throw new BrigError(
    "unsupported",
    `cannot make a container: the image has ${count} layers, and an overlay takes ${limit}; use --storage-driver vfs, or build it with fewer`,
    { code: "too-many-layers" },
  );
}

/**
 * Layers that are the same, such as two steps of a build that changed nothing, share a folder, which the kernel takes
 * once (ELOOP): what is below shows nothing and hides nothing that its like above does not.
 */
function uppermostFirst(diffIds: readonly Digest[]): readonly Digest[] {
  return [...new Set(diffIds.toReversed())];
}
