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
import type { Operation } from "./jail.ts";
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
    if (found !== diffId) throw mismatch(found, diffId);
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
  const { archive, found } = opened(diffId, source, limit);
  await fill(store, folder, planLayer(readTar(archive), store.plan));
  return found();
}

/** Carries a plan out in an empty folder. */
export async function fill(
  store: LayerStore,
  folder: HostPath,
  plan: AsyncIterable<readonly Operation[]>,
): Promise<void> {
  const jail = await store.openJail(folder);
  try {
    for await (const batch of plan) await jail.run(batch);
    await jail.settle();
  } finally {
    await jail.close();
  }
}

/** The archive of a layer, and the digest of what was read of it. */
export function opened(diffId: Digest, source: AsyncIterable<Uint8Array>, limit: number) {
  const algorithm = diffId.slice(0, diffId.indexOf(":"));
  const hash = createHash(algorithm);
  return {
    archive: hashed(decompress(source, { limit, what: "the layer" }), hash),
    found: () => `${algorithm}:${hash.digest("hex")}` as Digest,
  };
}

export function mismatch(found: Digest, diffId: Digest): BrigError {
  return new BrigError("invalid", `cannot use the layer: its content is ${found}, not ${diffId}`, {
    code: "diff-id-mismatch",
  });
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
