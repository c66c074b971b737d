/**
 * Unpacks a layer: blob → decompression → digest of the content → tar → plan → jail, all as one stream, each part
 * at the pace of the slowest.
 */

import { createHash, type Hash } from "node:crypto";
import { BrigError } from "../../base/errors.ts";
import type { Digest, HostPath } from "../../base/ids.ts";
import { decompress } from "../compression/decompress.ts";
import { readTar } from "../tar/read.ts";
import { giveName } from "./give-name.ts";
import type { Jail } from "./jail.ts";
import { hasLayer, type LayerStore, layerFolder } from "./layer-store.ts";
import { planLayer } from "./plan.ts";
import { makeTemporary, removeTree } from "./temporary.ts";

export interface UnpackOptions {
  /** Greatest size of the uncompressed archive. */
  readonly limit?: number;
}

/** A layer that unpacks to more than a tebibyte is a bomb. */
export const layerLimit = 2 ** 40;

/**
 * The folder of the layer, unpacked from `source` unless it is there already; `source` may be compressed. Nothing
 * is left of a layer that fails or that does not match its diff id. The caller has it confirmed (`give-name.ts`).
 */
export async function unpackLayer(
  store: LayerStore,
  diffId: Digest,
  source: () => AsyncIterable<Uint8Array>,
  options: UnpackOptions = {},
): Promise<HostPath> {
  const target = layerFolder(store, diffId);
  if (hasLayer(store, diffId)) return target;
  const temporary = await makeTemporary(store);
  try {
    const found = await unpackInto(store, temporary, diffId, source(), options.limit ?? layerLimit);
    if (found !== diffId)
      throw new BrigError("invalid", `cannot use the layer: its content is ${found}, not ${diffId}`, {
        code: "diff-id-mismatch",
      });
    const garbage = await giveName(store, temporary, diffId);
    if (garbage !== undefined) await removeTree(store, garbage);
  } catch (error) {
    await removeTree(store, temporary).catch(() => undefined); // what is left is collected later
    throw error;
  }
  return target;
}

/** Unpacks into an empty folder; returns the digest of the uncompressed archive. */
async function unpackInto(
  store: LayerStore,
  folder: HostPath,
  diffId: Digest,
  source: AsyncIterable<Uint8Array>,
  limit: number,
): Promise<Digest> {
  const algorithm = diffId.slice(0, diffId.indexOf(":"));
  const hash = createHash(algorithm);
  const archive = hashed(decompress(source, { limit, what: "the layer" }), hash);
  const jail = await store.openJail(folder);
  try {
    await fill(jail, archive, store);
  } finally {
    await jail.close();
  }
  return `${algorithm}:${hash.digest("hex")}` as Digest;
}

async function fill(jail: Jail, archive: AsyncIterable<Uint8Array>, { plan }: LayerStore): Promise<void> {
  for await (const batch of planLayer(readTar(archive), plan)) await jail.run(batch);
  await jail.settle();
}

async function* hashed(
  source: AsyncIterable<Uint8Array>,
  hash: Hash,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of source) {
    hash.update(chunk);
    yield chunk;
  }
}
