/**
 * Unpacked layers: those that an image of this platform needs and that are not there, or that a power cut may have torn;
 * those that no image needs; what was being unpacked or removed. While somebody unpacks nothing is found to be missing.
 */

import type { Digest } from "../../base/ids.ts";
import { collectLayers, removeLostMark, storedLayers } from "../../image/layers/collect-layers.ts";
import { hasLayer, layerFolder, markSuffix } from "../../image/layers/layer-store.ts";
import { temporariesIn } from "../../image/layers/temporary.ts";
import { type ResolvedImage, resolveImage } from "../../image/store/resolve.ts";
import type { EngineHost } from "../host.ts";
import { hostPlatform } from "../image/find.ts";
import { likelyStorage } from "../snapshot/choose.ts";
import { layersOf } from "../snapshot/layers.ts";
import { unpackImage } from "../snapshot/overlay2/image.ts";
import { check, type Finding, repair } from "./finding.ts";
import { isEveryNeedKnown, type StoredImage, storedImages } from "./stored-images.ts";

type Data =
  | { readonly kind: "missing"; readonly image: ResolvedImage }
  | { readonly kind: "mark"; readonly diffId: Digest }
  | { readonly kind: "garbage" };

export const layers = check<Data>({
  find: (host) => {
    const store = layersOf(host);
    const temporary = temporariesIn(store);
    const { diffIds, lostMarks } = storedLayers(store);
    const images = storedImages(host);
    const garbage: Data = { kind: "garbage" };
    const needed = needsOf(images);
    return [
      ...(temporary.owned.length > 0 || likelyStorage(host) !== "overlay2"
        ? []
        : missing(host, images, diffIds)),
      ...(isEveryNeedKnown(host, images) ? diffIds.filter((diffId) => !needed.has(diffId)) : []).map(
        (diffId): Finding<Data> => ({
          what: "layer",
          where: layerFolder(store, diffId),
          why: "no image needs it",
          remedy: repair("removes it"),
          data: garbage,
        }),
      ),
      ...temporary.abandoned.map(
        (name): Finding<Data> => ({
          what: "folder",
          where: `${store.folder}/${name}`,
          why: "a layer was being unpacked or removed there, by a process that is gone",
          remedy: repair("removes it"),
          data: garbage,
        }),
      ),
      // Whoever unpacks a layer makes its mark anew.
      ...lostMarks
        .filter((diffId) => !needed.has(diffId))
        .map(
          (diffId): Finding<Data> => ({
            what: "mark",
            where: layerFolder(store, diffId) + markSuffix,
            why: "there is no such layer",
            remedy: repair("removes it"),
            data: { kind: "mark", diffId },
          }),
        ),
    ];
  },
  mend: async (host, data) => {
    const store = layersOf(host);
    if (data.kind === "mark") return removeLostMark(store, data.diffId);
    if (data.kind === "missing") return unpackImage(host, data.image);
    await collectLayers(store, () => {
      const images = storedImages(host);
      const known = isEveryNeedKnown(host, images);
      return known ? needsOf(images) : new Set(storedLayers(store).diffIds);
    });
  },
});

const needsOf = (images: readonly StoredImage[]) => new Set(images.flatMap(({ stacks }) => stacks.flat()));

function missing(
  host: EngineHost,
  images: readonly StoredImage[],
  there: readonly Digest[],
): Finding<Data>[] {
  const store = layersOf(host);
  return images.flatMap(({ entry, called, damage }) => {
    // Of one that lacks blobs that is told, not that it cannot be unpacked.
    const image = damage.length > 0 ? undefined : imageFor(host, entry.target);
    const absent = image?.layers.filter(({ diffId }) => !hasLayer(store, diffId)) ?? [];
    return absent.map(({ diffId }) => ({
      what: "layer",
      where: layerFolder(store, diffId),
      why: `the image ${called} needs it, and it is ${there.includes(diffId) ? "of another boot, which may have ended before it was on the disk" : "not there"}`,
      remedy: repair("unpacks it again"),
      data: { kind: "missing", image: image! },
    }));
  });
}

/** Undefined where it has nothing for this host: then it is unpacked nowhere. */
function imageFor(
  { images }: EngineHost,
  target: Parameters<typeof resolveImage>[1],
): ResolvedImage | undefined {
  try {
    return resolveImage(images, target, hostPlatform());
  } catch {
    return undefined;
  }
}
