/**
 * Images merged into one folder for containers whose roots are copies (snapshot/vfs): those that no image needs, and what
 * was being merged or copied. One that is missing the next start merges again.
 */

import type { Digest } from "../../base/ids.ts";
import { chainId } from "../../image/layers/chain-id.ts";
import { collectLayers, storedLayers } from "../../image/layers/collect-layers.ts";
import { layerFolder } from "../../image/layers/layer-store.ts";
import { temporariesIn } from "../../image/layers/temporary.ts";
import { mergedStore } from "../snapshot/vfs/image.ts";
import { check, type Finding, repair } from "./finding.ts";
import { isEveryNeedKnown, type StoredImage, storedImages } from "./stored-images.ts";

export const mergedImages = check<undefined>({
  find: (host) => {
    const store = mergedStore(host);
    const { abandoned } = temporariesIn(store);
    const { diffIds: there } = storedLayers(store);
    const images = storedImages(host);
    const needed = needsOf(images);
    const found = (what: string, where: string, why: string): Finding<undefined> => ({
      what,
      where,
      why,
      remedy: repair("removes it"),
      data: undefined,
    });
    return [
      ...(isEveryNeedKnown(host, images) ? there.filter((id) => !needed.has(id)) : []).map((id) =>
        found("merged image", layerFolder(store, id), "no image needs it"),
      ),
      ...abandoned.map((name) =>
        found(
          "folder",
          `${store.folder}/${name}`,
          "an image was being merged, copied or removed there, by a process that is gone",
        ),
      ),
    ];
  },
  mend: async (host) => {
    const store = mergedStore(host);
    await collectLayers(store, () => {
      const images = storedImages(host);
      return isEveryNeedKnown(host, images) ? needsOf(images) : new Set(storedLayers(store).diffIds);
    });
  },
});

const needsOf = (images: readonly StoredImage[]): ReadonlySet<Digest> =>
  new Set(images.flatMap(({ stacks }) => stacks.map(chainId)));
