/** What the layers of all images hold together, and what of an image's is others' as well. */

import type { Digest } from "../../base/ids.ts";
import { listImages } from "../../image/store/references.ts";
import { type ResolvedImage, resolveImage } from "../../image/store/resolve.ts";
import type { EngineHost } from "../host.ts";
import { hostPlatform } from "./find.ts";

/** Bytes of all layers, each counted once. */
export function layersSize(host: EngineHost): number {
  const sizes = new Map(imagesOf(host).flatMap(sizesOf));
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

/** By the ids of images: bytes of those of its layers that another image has, too. */
export function sharedSizes(host: EngineHost): ReadonlyMap<Digest, number> {
  const images = imagesOf(host);
  const users = new Map<Digest, number>();
  for (const image of images)
    for (const [diffId] of new Map(sizesOf(image))) users.set(diffId, (users.get(diffId) ?? 0) + 1);
  const shared = ([diffId, size]: readonly [Digest, number]) => (users.get(diffId)! > 1 ? size : 0);
  return new Map(
    images.map((image) => [image.id, sizesOf(image).reduce((sum, layer) => sum + shared(layer), 0)]),
  );
}

/** Each once, whatever its names. */
function imagesOf(host: EngineHost): readonly ResolvedImage[] {
  const resolved = listImages(host.images).map(({ target }) =>
    resolveImage(host.images, target, hostPlatform()),
  );
  return [...new Map(resolved.map((image) => [image.id, image])).values()];
}

function sizesOf({ layers }: ResolvedImage): readonly (readonly [Digest, number])[] {
  return layers.map(({ layer, diffId }) => [diffId, Number(layer.size)]);
}
