/**
 * Archives of an OCI image layout: `index.json` leads to manifests, or to indexes of them. Blobs go into the store
 * as they are. Of an image for several platforms some may be missing: those are then left out, as registries and
 * other engines do; an entry of which nothing is complete is refused.
 */

import { BrigError } from "../../base/errors.ts";
import type { Digest } from "../../base/ids.ts";
import type { Descriptor } from "../../spec/image/descriptor.ts";
import {
  blobPath,
  containerdNameAnnotation,
  layoutFile,
  layoutIndexFile,
  parseLayout,
  parseLayoutIndex,
  refNameAnnotation,
} from "../../spec/image/layout.ts";
import { type Manifest, manifestLimit, parseImageDocument } from "../../spec/image/manifest.ts";
import { formatReference, parseReference, withDefaultTag } from "../../spec/reference.ts";
import { commitBlob } from "../store/ingest.ts";
import type { Lease } from "../store/lease.ts";
import type { LoadedImage } from "./load.ts";
import { missingFile, readStagedText, type StagedFiles } from "./staged-files.ts";

export async function readOciArchive(lease: Lease, files: StagedFiles): Promise<readonly LoadedImage[]> {
  parseLayout(files.text(layoutFile, 4096));
  const { manifests } = parseLayoutIndex(files.text(layoutIndexFile, manifestLimit));
  const blobs = new ArchiveBlobs(lease, files);
  const images = new Map<Digest, LoadedImage>();
  for (const entry of manifests) {
    const known = images.get(entry.digest);
    const name = nameOf(entry);
    const id = known?.id ?? (await blobs.take(entry, 0));
    if (id === undefined) throw missingFile(blobPath(blobs.missing ?? entry.digest));
    const names = [...(known?.names ?? []), ...(name === undefined ? [] : [name])];
    const { annotations: _, ...target } = entry;
    images.set(entry.digest, { names, target, id });
  }
  return [...images.values()];
}

/** Indexes of indexes are legal; no tool nests them deeper than this. */
const depthLimit = 4;

class ArchiveBlobs {
  /** The first blob that was looked for in vain. */
  missing: Digest | undefined;
  readonly #lease: Lease;
  readonly #files: StagedFiles;
  readonly #stored = new Set<Digest>();

  constructor(lease: Lease, files: StagedFiles) {
    this.#lease = lease;
    this.#files = files;
  }

  /** Stores what the descriptor leads to; the digest of its (first) config, or undefined when it is incomplete. */
  async take(descriptor: Descriptor, depth: number): Promise<Digest | undefined> {
    if (!this.#has(descriptor)) return undefined;
    const path = blobPath(descriptor.digest);
    const json = readStagedText(this.#files.find(path)!, path, manifestLimit);
    const document = parseImageDocument(json, descriptor.mediaType, path);
    const id =
      document.kind === "manifest"
        ? await this.#takeImage(document.manifest)
        : await this.#takeImages(document.index.manifests, depth + 1);
    if (id !== undefined) await this.#commit(descriptor);
    return id;
  }

  async #takeImages(manifests: readonly Descriptor[], depth: number): Promise<Digest | undefined> {
    if (depth > depthLimit)
      throw new BrigError("invalid", "cannot read the archive: its indexes are nested too deeply");
    let first: Digest | undefined;
    for (const manifest of manifests) {
      const id = await this.take(manifest, depth);
      first ??= id;
    }
    return first;
  }

  /** The manifest itself is stored after this: what is in the store must be complete. */
  async #takeImage({ config, layers }: Manifest): Promise<Digest | undefined> {
    const parts = [config, ...layers];
    if (!parts.every((part) => this.#has(part))) return undefined;
    for (const part of parts) await this.#commit(part);
    return config.digest;
  }

  #has({ digest, size }: Descriptor): boolean {
    if (this.#stored.has(digest)) return true;
    const file = this.#files.find(blobPath(digest));
    if (file === undefined) this.missing ??= digest;
    else if (file.size !== size)
      throw new BrigError(
        "invalid",
        `cannot read the archive: ${digest} has ${file.size} bytes instead of ${size}`,
        {
          code: "blob-mismatch",
        },
      );
    return file !== undefined;
  }

  async #commit({ digest }: Descriptor): Promise<void> {
    if (this.#stored.has(digest)) return;
    const file = this.#files.find(blobPath(digest))!;
    // A link may stand in place of a blob; its target was staged under another name, and not verified for this one.
    if (file.digest !== digest)
      throw new BrigError("invalid", `cannot read the archive: the content of ${digest} is ${file.digest}`, {
        code: "blob-mismatch",
      });
    await commitBlob(this.#lease, file);
    this.#stored.add(digest);
  }
}

/** containerd's annotation has the full name. That of image-spec may be one, or a mere tag, which names nothing. */
function nameOf({ annotations = {} }: Descriptor): string | undefined {
  const full = annotations[containerdNameAnnotation];
  const name = full ?? annotations[refNameAnnotation];
  if (name === undefined || (full === undefined && !/[/:]/.test(name))) return undefined;
  try {
    return formatReference(withDefaultTag(parseReference(name)));
  } catch (error) {
    if (full !== undefined) throw error;
    return undefined;
  }
}
