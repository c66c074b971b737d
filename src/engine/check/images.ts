/**
 * Blobs that an image needs and that are missing, or are not what their names say. brig cannot make them again: the image
 * has to come again, for which a damaged blob must be out of the way.
 */

import { hasBlob, removeBlob } from "../../image/store/blobs.ts";
import { type BlobDamage, hasItsDigest } from "../../image/store/inspect.ts";
import { forgetImage } from "../../image/store/references.ts";
import type { EngineHost } from "../host.ts";
import { advice, type Check, check, type Finding, type Remedy, repair } from "./finding.ts";
import { type StoredImage, storedImages, usersOf } from "./stored-images.ts";

interface Data {
  readonly image: StoredImage;
  readonly damage: BlobDamage;
}

const mend: Check<Data>["mend"] = async (host, { image, damage }) => {
  if (damage.kind === "damaged" && !(await hasItsDigest(host.images, damage.digest)))
    removeBlob(host.images, damage.digest);
  const all = storedImages(host);
  const now = all.find(({ entry }) => entry.target.digest === image.entry.target.digest);
  if (now && now.damage.length > 0 && usersOf(host, now, all).length === 0)
    await forgetImage(host.images, now.entry.target.digest);
};

/** What a look at names and sizes tells. */
export const images = check<Data>({
  find: (host) => {
    const all = storedImages(host);
    return all.flatMap((image) => image.damage.map((damage) => told(host, all, image, damage)));
  },
  mend,
});

/** Every blob is read, which takes its time: only where that is asked for. */
export const contents = check<Data>({
  find: async (host, { deep }) => {
    if (!deep) return [];
    const all = storedImages(host);
    const findings: Finding<Data>[] = [];
    for (const digest of new Set(all.flatMap(({ blobs }) => [...blobs]))) {
      if (!hasBlob(host.images, digest) || (await isWhole(host, digest))) continue;
      const damage = { digest, kind: "damaged", why: "has another content than its name says" } as const;
      for (const image of all)
        if (image.blobs.has(digest) && !image.damage.some((known) => known.digest === digest))
          findings.push(told(host, all, image, damage));
    }
    return findings;
  },
  mend,
  once: true,
});

/** One that is removed while it is read is nobody's. */
async function isWhole({ images }: EngineHost, digest: BlobDamage["digest"]): Promise<boolean> {
  try {
    return await hasItsDigest(images, digest);
  } catch (error) {
    if (hasBlob(images, digest)) throw error;
    return true;
  }
}

function told(
  host: EngineHost,
  all: readonly StoredImage[],
  image: StoredImage,
  damage: BlobDamage,
): Finding<Data> {
  return {
    what: "blob",
    where: damage.digest,
    why: `the image ${image.called} needs it, and it ${damage.why}`,
    remedy: remedyFor(
      damage,
      usersOf(host, image, all).map(({ name }) => name),
    ),
    data: { image, damage },
  };
}

function remedyFor({ kind }: BlobDamage, users: readonly string[]): Remedy {
  if (users.length === 0) return repair("removes the image, to be loaded again");
  if (kind === "damaged") return repair("removes the blob, so that the image can be loaded again");
  return advice(`load the image again, or remove it and its containers (${users.join(", ")})`);
}
