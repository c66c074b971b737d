/** Every image of the store with what it needs and what is wrong with it, and the containers made from it. */

import type { Digest } from "../../base/ids.ts";
import { type InspectedImage, inspectImage } from "../../image/store/inspect.ts";
import { listImages, type NamedImage } from "../../image/store/references.ts";
import { formatFamiliar, parseReference } from "../../spec/reference.ts";
import { type ContainerRecord, listContainers } from "../container/records.ts";
import type { EngineHost } from "../host.ts";

export interface StoredImage extends InspectedImage {
  readonly entry: NamedImage;
  /** The name, or the beginning of its digest. */
  readonly called: string;
}

export function storedImages({ images }: EngineHost): readonly StoredImage[] {
  return listImages(images).map((entry) => ({
    ...inspectImage(images, entry.target),
    entry,
    called:
      entry.name === undefined ? short(entry.target.digest) : formatFamiliar(parseReference(entry.name)),
  }));
}

const short = (digest: Digest) => digest.slice(digest.indexOf(":") + 1).slice(0, 12);

/** Those made from the image; of one that cannot be read any more those whose image is nowhere else. */
export function usersOf(
  host: EngineHost,
  image: StoredImage,
  all: readonly StoredImage[],
): readonly ContainerRecord[] {
  return listContainers(host.database).filter(({ imageId }) =>
    image.ids.size > 0 ? image.ids.has(imageId as Digest) : !isKnown(all, imageId),
  );
}

/** Everything that some container or name needs is known: only then anything can be told to be needed by nobody. */
export function isEveryNeedKnown(host: EngineHost, all: readonly StoredImage[]): boolean {
  return (
    all.every(({ damage }) => damage.length === 0) &&
    listContainers(host.database).every(({ imageId }) => isKnown(all, imageId))
  );
}

const isKnown = (all: readonly StoredImage[], imageId: string) =>
  all.some(({ ids }) => ids.has(imageId as Digest));
