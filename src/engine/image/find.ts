/** What a user means by the name or id of an image. */

import { BrigError } from "../../base/errors.ts";
import { listImages, type NamedImage } from "../../image/store/references.ts";
import { type ResolvedImage, resolveImage } from "../../image/store/resolve.ts";
import type { Platform } from "../../spec/image/descriptor.ts";
import { formatFamiliar, formatReference, parseNameOrDigest, withDefaultTag } from "../../spec/reference.ts";
import type { EngineHost } from "../host.ts";

/** The platform of containers on this host. */
export function hostPlatform(): Platform {
  return process.arch === "arm64"
    ? { os: "linux", architecture: "arm64" }
    : { os: "linux", architecture: "amd64" };
}

export interface FoundImage {
  readonly image: ResolvedImage;
  /** Every entry of the store that is this image. */
  readonly entries: readonly NamedImage[];
  /** The name it was found by. */
  readonly name?: string;
}

/** By name, by id, or by the beginning of an id. Throws `no-such-image`. */
export function findImage(host: Pick<EngineHost, "images">, reference: string): FoundImage {
  const all = listImages(host.images);
  const resolve = (entry: NamedImage) => resolveImage(host.images, entry.target, hostPlatform());
  const named = nameOf(reference);
  const byName = named === undefined ? undefined : all.findLast((entry) => entry.name === named);
  if (byName) {
    const entries = all.filter((entry) => entry.target.digest === byName.target.digest);
    return { image: resolve(byName), entries, ...(named === undefined ? {} : { name: named }) };
  }
  const hex = /^(?:sha256:)?([0-9a-f]{1,64})$/.exec(reference)?.[1];
  const byId =
    hex === undefined
      ? []
      : all
          .map((entry) => ({ entry, image: resolve(entry) }))
          .filter(({ image }) => image.id.startsWith(`sha256:${hex}`));
  const ids = new Set(byId.map(({ image }) => image.id));
  if (ids.size > 1)
    throw new BrigError("invalid", `multiple images found with provided prefix: ${reference}`, {
      code: "ambiguous-id",
    });
  if (!byId[0])
    throw new BrigError("not-found", `No such image: ${shownName(reference)}`, { code: "no-such-image" });
  return { image: byId[0].image, entries: byId.map(({ entry }) => entry) };
}

/** The full name with its tag; undefined for what can only be an id. */
export function nameOf(reference: string): string | undefined {
  const parsed = parseNameOrDigest(reference);
  return parsed.kind === "name" ? formatReference(withDefaultTag(parsed.reference)) : undefined;
}

/** "busybox" → "busybox:latest", for messages. */
function shownName(reference: string): string {
  const parsed = parseNameOrDigest(reference);
  return parsed.kind === "name" ? formatFamiliar(withDefaultTag(parsed.reference)) : reference;
}
