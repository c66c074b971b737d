/** What an entry of the index needs and what is wrong with it, as far as it can be followed: damage stops nothing here. */

import { createHash } from "node:crypto";
import { messageOf } from "../../base/errors.ts";
import type { Digest } from "../../base/ids.ts";
import type { ImageConfig } from "../../spec/image/config.ts";
import type { Descriptor } from "../../spec/image/descriptor.ts";
import type { ImageDocument } from "../../spec/image/manifest.ts";
import { blobSize, hasBlob, readBlob, streamBlob } from "./blobs.ts";
import { readConfig, readDocument } from "./resolve.ts";
import type { ImageStore } from "./store.ts";

export interface InspectedImage {
  readonly blobs: ReadonlySet<Digest>;
  /** Ids of the images it stands for; those of other platforms need not be here. */
  readonly ids: ReadonlySet<Digest>;
  /** The diff ids of each, from the base up. */
  readonly stacks: readonly (readonly Digest[])[];
  readonly damage: readonly BlobDamage[];
}

export interface BlobDamage {
  readonly digest: Digest;
  readonly kind: "missing" | "damaged";
  readonly why: string;
}

/** Manifests and configs are read and so verified; of layers it looks at the size. */
export function inspectImage(store: ImageStore, target: Descriptor): InspectedImage {
  const [blobs, ids] = [new Set<Digest>(), new Set<Digest>()];
  const stacks: (readonly Digest[])[] = [];
  const damage = new Map<Digest, BlobDamage>();
  const waiting = [{ ...target, optional: false }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (blobs.has(next.digest)) continue;
    blobs.add(next.digest);
    const wrong = damageOf(store, next);
    if (wrong && !(next.optional && wrong.kind === "missing")) damage.set(next.digest, wrong);
    const document = wrong ? undefined : read(damage, next.digest, () => readDocument(store, next!));
    if (document?.kind === "index")
      waiting.push(...document.index.manifests.map((each) => ({ ...each, optional: true })));
    if (document?.kind === "manifest") followManifest(store, document, { blobs, ids, stacks, damage });
  }
  return { blobs, ids, stacks, damage: [...damage.values()] };
}

function followManifest(
  store: ImageStore,
  { manifest }: Extract<ImageDocument, { kind: "manifest" }>,
  found: {
    readonly blobs: Set<Digest>;
    readonly ids: Set<Digest>;
    readonly stacks: (readonly Digest[])[];
    readonly damage: Map<Digest, BlobDamage>;
  },
): void {
  const { config, layers } = manifest;
  for (const part of [config, ...layers]) {
    found.blobs.add(part.digest);
    const wrong = damageOf(store, part);
    if (wrong) found.damage.set(part.digest, wrong);
  }
  found.ids.add(config.digest);
  if (found.damage.has(config.digest)) return;
  const parsed = read(found.damage, config.digest, () => configOf(store, config.digest));
  if (parsed) found.stacks.push(parsed.rootfs.diff_ids);
}

/** Undefined for that of an artifact, which is no image config. */
function configOf(store: ImageStore, digest: Digest): ImageConfig | undefined {
  readBlob(store, digest);
  try {
    return readConfig(store, digest);
  } catch {
    return undefined;
  }
}

function damageOf(store: ImageStore, { digest, size }: Descriptor): BlobDamage | undefined {
  const found = blobSize(store, digest);
  if (found === undefined) return { digest, kind: "missing", why: "is not there" };
  if (found === size) return undefined;
  return { digest, kind: "damaged", why: `has ${found} bytes in place of ${size}` };
}

function read<T>(damage: Map<Digest, BlobDamage>, digest: Digest, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    damage.set(digest, { digest, kind: "damaged", why: `cannot be used (${messageOf(error)})` });
    return undefined;
  }
}

/** Reads all of it; one that is not there is not what it should be. */
export async function hasItsDigest(store: ImageStore, digest: Digest): Promise<boolean> {
  if (!hasBlob(store, digest)) return false;
  const algorithm = digest.slice(0, digest.indexOf(":"));
  const hash = createHash(algorithm);
  for await (const chunk of streamBlob(store, digest)) hash.update(chunk);
  return `${algorithm}:${hash.digest("hex")}` === digest;
}
