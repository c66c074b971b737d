/** An image as one folder: `<root>/merged/HEX`, where HEX is of the chain id of its layers. */

import type { HostPath } from "../../../base/ids.ts";
import { chainId } from "../../../image/layers/chain-id.ts";
import { confirmWhenSynced } from "../../../image/layers/give-name.ts";
import { hasLayer, type LayerStore, layerFolder } from "../../../image/layers/layer-store.ts";
import { mergeLayers } from "../../../image/layers/merge.ts";
import { streamBlob } from "../../../image/store/blobs.ts";
import type { ResolvedImage } from "../../../image/store/resolve.ts";
import type { EngineHost } from "../../host.ts";
import { paths } from "../../roots.ts";
import { layersOf } from "../layers.ts";

export function mergedStore(host: EngineHost): LayerStore {
  return { ...layersOf(host), folder: paths.merged(host.roots) };
}

export function mergedFolder(host: EngineHost, { config }: Pick<ResolvedImage, "config">): HostPath {
  return layerFolder(mergedStore(host), chainId(config.rootfs.diff_ids));
}

export function isMerged(host: EngineHost, { config }: Pick<ResolvedImage, "config">): boolean {
  return hasLayer(mergedStore(host), chainId(config.rootfs.diff_ids));
}

export async function mergeImage(host: EngineHost, image: ResolvedImage): Promise<void> {
  if (isMerged(host, image)) return;
  const store = mergedStore(host);
  const layers = image.layers.map(({ layer, diffId }) => ({
    diffId,
    source: () => streamBlob(host.images, layer.digest),
  }));
  await mergeLayers(store, layers);
  await confirmWhenSynced(store, [chainId(layers.map(({ diffId }) => diffId))]);
}
