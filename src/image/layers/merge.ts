/**
 * Unpacks all layers of an image into one folder that holds what they show together, for hosts where nothing stacks
 * them. The store of such folders is one of layers, in which the chain id is the name: they appear whole, are doubted
 * after a power cut, and collected like layers (`layer-store.ts`).
 */

import type { Digest, HostPath } from "../../base/ids.ts";
import type { TarEntry } from "../tar/entry.ts";
import { readTar } from "../tar/read.ts";
import { chainId } from "./chain-id.ts";
import { giveName } from "./give-name.ts";
import { hasLayer, type LayerStore, layerFolder } from "./layer-store.ts";
import { planMerged } from "./plan.ts";
import { makeTemporary, removeTree } from "./temporary.ts";
import { fill, layerLimit, mismatch, opened, type UnpackOptions } from "./unpack.ts";

export interface MergedLayer {
  readonly diffId: Digest;
  /** Its archive, which may be compressed. */
  readonly source: () => AsyncIterable<Uint8Array>;
}

/**
 * The folder of the layers, the base first, unless it is there already. Nothing is left of one that fails. The caller has
 * it confirmed (`give-name.ts`).
 */
export async function mergeLayers(
  store: LayerStore,
  layers: readonly MergedLayer[],
  { limit = layerLimit }: UnpackOptions = {},
): Promise<HostPath> {
  const chain = chainId(layers.map(({ diffId }) => diffId));
  if (!hasLayer(store, chain)) {
    const temporary = await makeTemporary(store);
    try {
      await fill(store, temporary, planMerged(entriesOf(layers, limit), store.plan));
      const garbage = await giveName(store, temporary, chain);
      if (garbage !== undefined) await removeTree(store, garbage);
    } catch (error) {
      await removeTree(store, temporary).catch(() => undefined); // what is left is collected later
      throw error;
    }
  }
  return layerFolder(store, chain);
}

/** Of each layer in its turn; whoever takes the next one has read the one before to its end. */
async function* entriesOf(
  layers: readonly MergedLayer[],
  limit: number,
): AsyncGenerator<AsyncIterable<TarEntry>> {
  for (const { diffId, source } of layers) {
    const { archive, found } = opened(diffId, source(), limit);
    yield readTar(archive);
    const digest = found();
    if (digest !== diffId) throw mismatch(digest, diffId);
  }
}
