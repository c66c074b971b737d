/** Images of a root: list, inspect, load, import, remove. */

import { BrigError } from "../../base/errors.ts";
import type { Digest } from "../../base/ids.ts";
import { loadArchive } from "../../image/archive/load.ts";
import { importImage } from "../../image/import.ts";
import { collectLayers } from "../../image/layers/layer-store.ts";
import { collectGarbage, reachable } from "../../image/store/collect.ts";
import { forgetImage, listImages, unnameImage } from "../../image/store/references.ts";
import { resolveImage } from "../../image/store/resolve.ts";
import type { ImageConfig } from "../../spec/image/config.ts";
import { parsePlatform } from "../../spec/platform.ts";
import { formatFamiliar, parseReference } from "../../spec/reference.ts";
import type { ImageInfo } from "../container/info.ts";
import { listContainers } from "../container/records.ts";
import type { EngineHost } from "../host.ts";
import { findImage, hostPlatform, layersOf, nameOf, unpackImage } from "./find.ts";
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

export interface ImageDetails {
  readonly id: string;
  readonly names: readonly string[];
  /** Of the manifest. */
  readonly digest: string;
  readonly config: ImageConfig;
  readonly size: number;
}

export function imageDetails(host: EngineHost, reference: string): ImageDetails {
  const { image, entries } = findImage(host, reference);
  return {
    id: image.id,
    names: entries.flatMap(({ name }) => (name === undefined ? [] : [formatFamiliar(parseReference(name))])),
    digest: image.descriptor.digest,
    config: image.config,
    size: unpackedSize(host, image),
  };
}

/** Loads and unpacks; a name for each image, or its id where the archive has none. */
export async function* loadImages(
  host: EngineHost,
  input: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ readonly reference?: string; readonly id: string }> {
  for (const { names, target, id } of await loadArchive(host.images, input)) {
    await unpackImage(host, resolveImage(host.images, target, hostPlatform()));
    if (names.length === 0) yield { id };
    for (const name of names) yield { reference: formatFamiliar(parseReference(name)), id };
  }
}

export interface ImportRequest {
  readonly reference?: string;
  readonly message?: string;
  readonly platform?: string;
}

export async function importRootfs(
  host: EngineHost,
  input: AsyncIterable<Uint8Array>,
  { reference, message, platform }: ImportRequest,
): Promise<{ readonly id: string }> {
  const name = reference === undefined ? undefined : nameOf(reference);
  if (reference !== undefined && name === undefined)
    throw new BrigError("invalid", `cannot name the image ${reference}: that is an id`);
  const { id, target } = await importImage(host.images, input, {
    platform: platform === undefined ? hostPlatform() : parsePlatform(platform, hostPlatform()),
    message: message ?? "Imported from -",
    ...(name === undefined ? {} : { name }),
  });
  await unpackImage(host, resolveImage(host.images, target, hostPlatform()));
  return { id };
}

export type Removal = { readonly kind: "untagged" | "deleted"; readonly what: string };

/** Takes a name away; with the last name, or by id, the image and what only it needs. */
export async function removeImage(
  host: EngineHost,
  reference: string,
  force: boolean,
): Promise<readonly Removal[]> {
  const { image, entries, name } = findImage(host, reference);
  const users = listContainers(host.database).filter(({ imageId }) => imageId === image.id);
  const last = name === undefined || entries.length <= 1;
  const short = (id: string) => id.replace("sha256:", "").slice(0, 12);
  if (name === undefined && entries.length > 1 && !force)
    throw new BrigError(
      "conflict",
      `unable to delete ${short(image.id)} (must be forced) - image is referenced in multiple repositories`,
    );
  const user = users[0];
  if (last && user && (!force || user.state === "running"))
    throw new BrigError(
      "conflict",
      `unable to remove repository reference "${reference}" (must force) - container ${user.id.slice(0, 12)} is using its referenced image ${short(image.id)}`,
    );
  const gone = name === undefined ? entries.flatMap((entry) => entry.name ?? []) : [name];
  const untagged = gone.map((n) => ({ kind: "untagged" as const, what: formatFamiliar(parseReference(n)) }));
  if (!last) {
    await unnameImage(host.images, name, { keep: true });
    return untagged;
  }
  await forgetImage(host.images, entries[0]!.target.digest);
  if (users.length > 0) return untagged;
  await collectGarbage(host.images, { grace: 0 });
  const needed = reachable(
    host.images,
    listImages(host.images).map(({ target }) => target),
  ).diffIds;
  const layers = await collectLayers(layersOf(host), { needed, grace: 0 });
  return [
    ...untagged,
    { kind: "deleted", what: image.id },
    ...layers.map((what) => ({ kind: "deleted" as const, what })),
  ];
}
