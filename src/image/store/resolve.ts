/** From a name to what a container needs to start: manifest, config and layers, by small reads of local files. */

import { BrigError } from "../../base/errors.ts";
import type { Digest } from "../../base/ids.ts";
import { type ImageConfig, pairLayers, parseImageConfig } from "../../spec/image/config.ts";
import type { Descriptor, Platform } from "../../spec/image/descriptor.ts";
import {
  type ImageDocument,
  type Index,
  type Manifest,
  parseImageDocument,
} from "../../spec/image/manifest.ts";
import { bestMatch, formatPlatform } from "../../spec/platform.ts";
import { hasBlob, readBlob } from "./blobs.ts";
import type { ImageStore } from "./store.ts";

export interface ResolvedImage {
  /** Digest of the config: the id that Docker shows. */
  readonly id: Digest;
  /** Of the manifest, which may be one of several that a name stands for. */
  readonly descriptor: Descriptor;
  readonly manifest: Manifest;
  readonly config: ImageConfig;
  /** The base layer first. */
  readonly layers: readonly { readonly layer: Descriptor; readonly diffId: Digest }[];
}

/** Indexes of indexes are legal; no tool nests them deeper than this. */
const depthLimit = 4;

/**
 * The image that `target` stands for. Of an index the manifest that fits `platform` best and is here; a single
 * manifest is taken whatever its platform: the caller may ask its config.
 */
export function resolveImage(store: ImageStore, target: Descriptor, platform: Platform): ResolvedImage {
  const document = readDocument(store, target);
  if (document.kind === "manifest") return complete(store, target, document.manifest);
  const found = bestMatch(candidates(store, document.index, 1), platform);
  if (!found)
    throw new BrigError(
      "not-found",
      `cannot find an image for ${formatPlatform(platform)} in ${target.digest}`,
      {
        code: "no-such-platform",
      },
    );
  return complete(store, found.descriptor, found.manifest);
}

/** A manifest or an index. */
export function readDocument(store: ImageStore, { digest, mediaType }: Descriptor): ImageDocument {
  return parseImageDocument(readBlob(store, digest).toString("utf8"), mediaType, digest);
}

interface Candidate {
  readonly descriptor: Descriptor;
  readonly manifest: Manifest;
  readonly platform: Platform;
}

/** The images below an index that are here; an entry that names no platform has that of its config. */
function candidates(store: ImageStore, index: Index, depth: number): readonly Candidate[] {
  if (depth > depthLimit) return [];
  return index.manifests
    .filter((descriptor) => hasBlob(store, descriptor.digest))
    .flatMap((descriptor): readonly Candidate[] => {
      const document = readDocument(store, descriptor);
      if (document.kind === "index") return candidates(store, document.index, depth + 1);
      const { manifest } = document;
      const platform = descriptor.platform ?? platformOf(store, manifest);
      return platform === undefined ? [] : [{ descriptor, manifest, platform }];
    });
}

function platformOf(store: ImageStore, manifest: Manifest): Platform | undefined {
  if (!hasBlob(store, manifest.config.digest)) return undefined;
  const { os, architecture, variant } = readConfig(store, manifest.config.digest);
  if (os === undefined || architecture === undefined) return undefined;
  return { os, architecture, ...(variant === undefined ? {} : { variant }) };
}

function complete(store: ImageStore, descriptor: Descriptor, manifest: Manifest): ResolvedImage {
  const config = readConfig(store, manifest.config.digest);
  return { id: manifest.config.digest, descriptor, manifest, config, layers: pairLayers(manifest, config) };
}

export function readConfig(store: ImageStore, digest: Digest): ImageConfig {
  return parseImageConfig(readBlob(store, digest).toString("utf8"), digest);
}
