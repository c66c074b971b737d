/**
 * Media types of images: OCI image-spec 1.1 (media-types.md) and Docker's schema 2.
 *
 * An unknown type is an error only where it must be understood: a document that is neither manifest nor index,
 * a config or a layer that is about to be used. Storing and copying take any (image-spec, manifest.md).
 */

import { BrigError } from "../../base/errors.ts";
import { quote } from "../schema/schema.ts";

export const ociIndex = "application/vnd.oci.image.index.v1+json";
export const ociManifest = "application/vnd.oci.image.manifest.v1+json";
export const ociConfig = "application/vnd.oci.image.config.v1+json";
export const ociEmpty = "application/vnd.oci.empty.v1+json";
export const ociLayer = "application/vnd.oci.image.layer.v1.tar";
export const dockerIndex = "application/vnd.docker.distribution.manifest.list.v2+json";
export const dockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
export const dockerConfig = "application/vnd.docker.container.image.v1+json";
export const dockerLayer = "application/vnd.docker.image.rootfs.diff.tar";

/** What a document of a media type is; `schema1` is Docker's format of before 2016. */
export type DocumentKind = "index" | "manifest" | "schema1";

const documents: Readonly<Record<string, DocumentKind>> = {
  [ociIndex]: "index",
  [dockerIndex]: "index",
  [ociManifest]: "manifest",
  [dockerManifest]: "manifest",
  "application/vnd.docker.distribution.manifest.v1+json": "schema1",
  "application/vnd.docker.distribution.manifest.v1+prettyjws": "schema1",
};

/** For the Accept header of a registry request, the preferred first. */
export const acceptedDocuments = [ociIndex, dockerIndex, ociManifest, dockerManifest] as const;

/** The kind of document that a media type (or Content-Type, with parameters) names, if it is one of images. */
export function documentKind(mediaType: string): DocumentKind | undefined {
  const plain = bare(mediaType);
  return Object.hasOwn(documents, plain) ? documents[plain] : undefined;
}

export function isImageConfig(mediaType: string): boolean {
  return mediaType === ociConfig || mediaType === dockerConfig;
}

export type Compression = "none" | "gzip" | "zstd";

const layerStems: readonly string[] = [
  ociLayer,
  "application/vnd.oci.image.layer.nondistributable.v1.tar",
  dockerLayer,
  "application/vnd.docker.image.rootfs.foreign.diff.tar",
];

/** OCI writes "+gzip", Docker ".gzip"; both are taken after either, as other engines do. */
const suffixes: Readonly<Record<string, Compression>> = {
  "": "none",
  "+gzip": "gzip",
  ".gzip": "gzip",
  "+zstd": "zstd",
  ".zstd": "zstd",
};

/** How the layer's tar stream is compressed; refuses what cannot be unpacked. */
export function layerCompression(mediaType: string): Compression {
  const stem = layerStems.find((known) => mediaType.startsWith(known));
  const suffix = stem === undefined ? "unknown" : mediaType.slice(stem.length);
  if (Object.hasOwn(suffixes, suffix)) return suffixes[suffix]!;
  throw new BrigError("unsupported", `cannot unpack a layer of media type ${quote(mediaType)}`, {
    code: "unknown-media-type",
  });
}

/** Whether the layer may have to come from its `urls` rather than from the registry. */
export function isForeignLayer(mediaType: string): boolean {
  return mediaType.includes(".nondistributable.") || mediaType.includes(".foreign.");
}

function bare(mediaType: string): string {
  return mediaType.split(";", 1)[0]!.trim().toLowerCase();
}
