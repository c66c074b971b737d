/**
 * Images as one archive that is two things: an OCI image layout (image-layout.md) with `index.json`, and what
 * `docker load` has read since 1.10, `manifest.json`; as Docker 25 and later write it.
 *
 * Blobs are written as they are stored, so that every digest, and the id, stays what it was. The same images give the
 * same bytes.
 */

import type { Digest } from "../../base/ids.ts";
import { archiveManifestFile, archiveRepositoriesFile } from "../../spec/image/archive.ts";
import type { Descriptor } from "../../spec/image/descriptor.ts";
import {
  blobPath,
  containerdNameAnnotation,
  layoutFile,
  layoutIndexFile,
  layoutVersion,
  refNameAnnotation,
} from "../../spec/image/layout.ts";
import { ociIndex } from "../../spec/image/media-types.ts";
import { familiarName, formatFamiliar, parseReference } from "../../spec/reference.ts";
import { formatJson } from "../../spec/schema/json.ts";
import { hasBlob, streamBlob } from "../store/blobs.ts";
import { type ResolvedImage, readDocument } from "../store/resolve.ts";
import type { ImageStore } from "../store/store.ts";
import { plainHeader } from "../tar/plain-header.ts";
import { type NewEntry, writeTar } from "../tar/write.ts";

export interface SavedImage {
  /** Full names that it shall have; none for one that is saved by its id. */
  readonly names: readonly string[];
  /** Of the manifest, or of an index of which everything that is here is written. */
  readonly target: Descriptor;
  /** What `docker load` gets of it. */
  readonly image: ResolvedImage;
}

export function saveArchive(store: ImageStore, images: readonly SavedImage[]): AsyncGenerator<Uint8Array> {
  return writeTar(entriesOf(store, images));
}

async function* entriesOf(store: ImageStore, images: readonly SavedImage[]): AsyncGenerator<NewEntry> {
  const blobs = new Map<Digest, number>();
  for (const { target, image } of images) {
    collect(store, target, blobs);
    collect(store, image.descriptor, blobs);
  }
  const algorithms = new Set([...blobs.keys()].map((digest) => digest.slice(0, digest.indexOf(":"))));
  yield folder("blobs/");
  for (const algorithm of [...algorithms].sort()) yield folder(`blobs/${algorithm}/`);
  for (const [digest, size] of [...blobs].sort(([a], [b]) => (a < b ? -1 : 1)))
    yield { header: plainHeader("file", blobPath(digest), { size }), body: streamBlob(store, digest) };
  yield text(layoutIndexFile, { schemaVersion: 2, mediaType: ociIndex, manifests: images.flatMap(indexed) });
  yield text(archiveManifestFile, images.map(listed));
  yield text(layoutFile, { imageLayoutVersion: layoutVersion });
  const repositories = repositoriesOf(images);
  if (Object.keys(repositories).length > 0) yield text(archiveRepositoriesFile, repositories);
}

/** Every blob below a descriptor that is in the store: of several platforms some may not be. */
function collect(store: ImageStore, descriptor: Descriptor, into: Map<Digest, number>): void {
  if (into.has(descriptor.digest) || !hasBlob(store, descriptor.digest)) return;
  into.set(descriptor.digest, Number(descriptor.size));
  const document = readDocument(store, descriptor);
  if (document.kind === "index") {
    for (const manifest of document.index.manifests) collect(store, manifest, into);
    return;
  }
  const { config, layers } = document.manifest;
  for (const { digest, size } of [config, ...layers])
    if (hasBlob(store, digest)) into.set(digest, Number(size));
}

function indexed({ names, target }: SavedImage): readonly Descriptor[] {
  if (names.length === 0) return [target];
  return names.map((name) => {
    const { tag } = parseReference(name);
    const annotations = {
      [containerdNameAnnotation]: name,
      ...(tag === undefined ? {} : { [refNameAnnotation]: tag }),
    };
    return { ...target, annotations };
  });
}

/** An entry of manifest.json. */
function listed({ names, image }: SavedImage) {
  return {
    Config: blobPath(image.id),
    RepoTags: names.map((name) => formatFamiliar(parseReference(name))),
    Layers: image.layers.map(({ layer }) => blobPath(layer.digest)),
  };
}

/** What Docker before 1.10 read; tools still ask it for names. */
function repositoriesOf(images: readonly SavedImage[]): Record<string, Record<string, string>> {
  const repositories: Record<string, Record<string, string>> = {};
  for (const { names, image } of images)
    for (const name of names) {
      const reference = parseReference(name);
      const top = image.layers.at(-1)?.diffId;
      if (reference.tag === undefined || top === undefined) continue;
      const repository = (repositories[familiarName(reference)] ??= {});
      repository[reference.tag] = top.slice(top.indexOf(":") + 1);
    }
  return repositories;
}

function text(name: string, content: unknown): NewEntry {
  const bytes = Buffer.from(formatJson(content));
  return { header: plainHeader("file", name, { size: bytes.length }), body: [bytes] };
}

function folder(name: string): NewEntry {
  return { header: plainHeader("directory", name) };
}
