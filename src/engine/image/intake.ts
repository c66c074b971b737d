/** Images in: archives of images and of root file systems, stored, named and unpacked. */

import { BrigError } from "../../base/errors.ts";
import { loadArchive } from "../../image/archive/load.ts";
import { importImage } from "../../image/import.ts";
import { forgetImage } from "../../image/store/references.ts";
import { type ResolvedImage, resolveImage } from "../../image/store/resolve.ts";
import { applyChanges } from "../../spec/image/change.ts";
import type { Descriptor } from "../../spec/image/descriptor.ts";
import { parsePlatform } from "../../spec/platform.ts";
import { formatFamiliar, parseReference } from "../../spec/reference.ts";
import { tellOfImage } from "../events/image.ts";
import type { EngineHost } from "../host.ts";
import { currentSnapshotter } from "../snapshot/snapshotters.ts";
import { hostPlatform, nameOf } from "./find.ts";

/** Loads and unpacks; a name for each image, or its id where the archive has none. */
export async function* loadImages(
  host: EngineHost,
  input: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ readonly reference?: string; readonly id: string }> {
  for (const { names, target, id } of await loadArchive(host.images, input)) {
    tellOfImage(host, "load", await unpackOrForget(host, target));
    if (names.length === 0) yield { id };
    for (const name of names) yield { reference: formatFamiliar(parseReference(name)), id };
  }
}

/** What an image that is made of an archive of files is like. */
export interface ImportRequest {
  readonly reference?: string;
  readonly message?: string;
  readonly platform?: string;
  /** Instructions of a Dockerfile, such as `CMD ["sh"]`. */
  readonly changes?: readonly string[];
}

export async function importRootfs(
  host: EngineHost,
  input: AsyncIterable<Uint8Array>,
  { reference, message, platform, changes = [] }: ImportRequest,
): Promise<{ readonly id: string }> {
  const name = reference === undefined ? undefined : nameOf(reference);
  if (reference !== undefined && name === undefined)
    throw new BrigError("invalid", `cannot name the image ${reference}: that is an id`);
  const { id, target } = await importImage(host.images, input, {
    platform: platform === undefined ? hostPlatform() : parsePlatform(platform, hostPlatform()),
    message: message ?? "Imported from -",
    config: applyChanges({}, changes),
    ...(name === undefined ? {} : { name }),
  });
  const image = await unpackOrForget(host, target);
  if (name !== undefined) tellOfImage(host, "tag", image, formatFamiliar(parseReference(name)));
  tellOfImage(host, "import", image);
  return { id };
}

/** An image whose layers cannot be unpacked has no name for long; its blobs go with the next garbage. */
async function unpackOrForget(host: EngineHost, target: Descriptor): Promise<ResolvedImage> {
  try {
    const snapshots = await currentSnapshotter(host);
    const image = resolveImage(host.images, target, hostPlatform());
    await snapshots.prepare(host, image);
    return image;
  } catch (error) {
    await forgetImage(host.images, target.digest);
    throw error;
  }
}
