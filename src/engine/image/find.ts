/** What a user means by the name or id of an image, and its layers, unpacked. */

import { BrigError } from "../../base/errors.ts";
import type { Digest } from "../../base/ids.ts";
import { hasLayer, type LayerStore, layerStore } from "../../image/layers/layer-store.ts";
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

export function layersOf(host: EngineHost): LayerStore {
  return layerStore(host.roots.root, {
    owner: host.owner,
    random: host.random,
    plan: { overlay: "trusted", devices: "make" },
    openJail: async (directory) => {
      const { sessionJail } = await import("../../image/layers/session-jail.ts");
      return sessionJail({ shim: host.shim, directory });
    },
    exclusively: async (work) => {
      const { withIndexLock } = await import("../../image/store/lock.ts");
      return withIndexLock(host.images, work);
    },
    spread: async (folder) => {
      const { spreadFolders } = await import("../../image/layers/host-folders.ts");
      await spreadFolders(host.shim, folder);
    },
    emptyWhenSynced: async (folder, names) => {
      const { emptyWhenSynced } = await import("../../image/layers/host-folders.ts");
      await emptyWhenSynced(host.shim, folder, names);
    },
  });
}

/** Unpacks what is not unpacked yet; a cheap look on the way of every `run`, which loads nothing of the unpacking. */
export async function unpackImage(host: EngineHost, image: ResolvedImage): Promise<void> {
  const store = layersOf(host);
  const missing = image.layers.filter(({ diffId }) => !hasLayer(store, diffId));
  if (missing.length === 0) return;
  const { confirmWhenSynced } = await import("../../image/layers/give-name.ts");
  const { unpackLayer } = await import("../../image/layers/unpack.ts");
  const { streamBlob } = await import("../../image/store/blobs.ts");
  for (const { layer, diffId } of missing)
    await unpackLayer(store, diffId, () => streamBlob(host.images, layer.digest));
  await confirmWhenSynced(
    store,
    missing.map(({ diffId }) => diffId),
  );
}

export function isUnpacked(host: EngineHost, diffIds: readonly Digest[]): boolean {
  const store = layersOf(host);
  return diffIds.every((diffId) => hasLayer(store, diffId));
}
