/** Images as the engine tells of them. */

import type { Digest } from "../../base/ids.ts";
import { listImages } from "../../image/store/references.ts";
import { resolveImage } from "../../image/store/resolve.ts";
import type { ImageConfig } from "../../spec/image/config.ts";
import { formatFamiliar, parseReference } from "../../spec/reference.ts";
import type { ImageInfo } from "../container/info.ts";
import type { EngineHost } from "../host.ts";
import { likelyStorage } from "../snapshot/choose.ts";
import type { StorageDriver } from "../snapshot/snapshotter.ts";
import { findImage, hostPlatform } from "./find.ts";
import { unpackedSize } from "./size.ts";

export function listImageInfos(host: EngineHost): readonly ImageInfo[] {
  const infos = new Map<Digest, ImageInfo>();
  for (const { name, target } of listImages(host.images)) {
    const image = resolveImage(host.images, target, hostPlatform());
    const known = infos.get(image.id);
    const names = [
      ...(known?.names ?? []),
      ...(name === undefined ? [] : [formatFamiliar(parseReference(name))]),
    ];
    infos.set(
      image.id,
      known
        ? { ...known, names }
        : { id: image.id, names, created: createdOf(image.config), size: unpackedSize(host, image) },
    );
  }
  return [...infos.values()].sort((a, b) => b.created - a.created);
}

function createdOf({ created }: ImageConfig): number {
  return created === undefined ? 0 : Date.parse(created);
}

/** All that the engine knows of an image. */
export interface ImageDetails {
  readonly id: string;
  readonly names: readonly string[];
  /** Of the manifest. */
  readonly digest: string;
  readonly config: ImageConfig;
  readonly size: number;
  /** By which containers of it would get their roots. */
  readonly driver: StorageDriver;
}

export function imageDetails(host: EngineHost, reference: string): ImageDetails {
  const { image, entries } = findImage(host, reference);
  return {
    id: image.id,
    names: entries.flatMap(({ name }) => (name === undefined ? [] : [formatFamiliar(parseReference(name))])),
    digest: image.descriptor.digest,
    config: image.config,
    size: unpackedSize(host, image),
    driver: likelyStorage(host),
  };
}
