/** Images out: archives of images, their histories, further names. */

import { BrigError } from "../../base/errors.ts";
import { type SavedImage, saveArchive } from "../../image/archive/save.ts";
import { listImages, nameImage } from "../../image/store/references.ts";
import { resolveImage } from "../../image/store/resolve.ts";
import type { Platform } from "../../spec/image/descriptor.ts";
import { formatPlatform, parsePlatform, samePlatform } from "../../spec/platform.ts";
import {
  formatFamiliar,
  formatReference,
  parseNameOrDigest,
  parseReference,
  repositoryName,
  withDefaultTag,
} from "../../spec/reference.ts";
import { tellOfImage } from "../events/image.ts";
import type { EngineHost } from "../host.ts";
import { findImage, hostPlatform } from "./find.ts";

/** Images that are to be in one archive. */
export interface SaveRequest {
  readonly references: readonly string[];
  /** Only this one of an image for several. */
  readonly platform?: string;
}

/** Nothing is written when one of the images is not there. */
export function saveImages(host: EngineHost, request: SaveRequest): AsyncGenerator<Uint8Array> {
  const images = chosen(host, request);
  const bytes = saveArchive(host.images, images);
  return (async function* () {
    yield* bytes;
    for (const { image } of images) tellOfImage(host, "save", image);
  })();
}

function chosen(host: EngineHost, { references, platform }: SaveRequest): readonly SavedImage[] {
  const wanted = platform === undefined ? undefined : parsePlatform(platform, hostPlatform());
  const images = new Map<string, SavedImage>();
  for (const reference of references)
    for (const found of saved(host, reference, wanted)) {
      const known = images.get(found.target.digest);
      const names = [...new Set([...(known?.names ?? []), ...found.names])];
      images.set(found.target.digest, { ...found, names });
    }
  return [...images.values()];
}

/** A repository without a tag is all of its images; an id is one without a name. */
function saved(host: EngineHost, reference: string, platform: Platform | undefined): readonly SavedImage[] {
  const parsed = parseNameOrDigest(reference);
  if (parsed.kind === "name" && parsed.reference.tag === undefined && parsed.reference.digest === undefined) {
    const repository = repositoryName(parsed.reference);
    const tagged = listImages(host.images).filter(
      ({ name }) => name !== undefined && repositoryName(parseReference(name)) === repository,
    );
    if (tagged.length > 0)
      return tagged.map(({ name, target }) => savedImage(host, target, [name!], platform));
  }
  const { entries, name, image } = findImage(host, reference);
  const entry = entries.find((each) => each.name === name) ?? entries[0];
  return [savedImage(host, entry?.target ?? image.descriptor, name === undefined ? [] : [name], platform)];
}

function savedImage(
  host: EngineHost,
  target: SavedImage["target"],
  names: readonly string[],
  platform: Platform | undefined,
): SavedImage {
  const image = resolveImage(host.images, target, platform ?? hostPlatform());
  if (platform === undefined) return { names, target, image };
  const { os, architecture, variant } = image.config;
  const is = {
    os: os ?? "",
    architecture: architecture ?? "",
    ...(variant === undefined ? {} : { variant }),
  };
  if (!samePlatform(is, platform))
    throw new BrigError(
      "not-found",
      `cannot save ${names[0] ?? image.id} for ${formatPlatform(platform)}: it is for ${formatPlatform(is)}`,
      { code: "no-such-platform" },
    );
  const { annotations: _, ...descriptor } = image.descriptor;
  return { names, target: descriptor, image };
}

/** Gives an image another name; what had that name before loses it. */
export async function tagImage(host: EngineHost, reference: string, name: string): Promise<void> {
  const parsed = parseReference(name);
  if (parsed.digest !== undefined)
    throw new BrigError("invalid", "refusing to create a tag with a digest reference");
  const { entries, image } = findImage(host, reference);
  const { annotations: _, ...target } = entries[0]?.target ?? image.descriptor;
  const named = withDefaultTag(parsed);
  await nameImage(host.images, formatReference(named), target);
  tellOfImage(host, "tag", image, formatFamiliar(named));
}
