/**
 * Image manifests and indexes, OCI (manifest.md, image-index.md) and Docker schema 2 alike.
 *
 * Invariants: what a document is must not depend on who reads it: one that could be both (`manifests` beside
 * `layers`), or that calls itself other than its sender did, is refused (CVE-2021-41190).
 */

import { BrigError } from "../../base/errors.ts";
import { parseJson } from "../schema/json.ts";
import { integer, text } from "../schema/scalars.ts";
import {
  fail,
  type Infer,
  list,
  object,
  omitEmpty,
  optional,
  quote,
  record,
  type Schema,
} from "../schema/schema.ts";
import { descriptor } from "./descriptor.ts";
import { type DocumentKind, documentKind } from "./media-types.ts";

/** distribution-spec: registries must take manifests of 4 MiB, and hardly any takes more. */
export const manifestLimit = 4 * 1024 * 1024;

/** Twice what overlayfs can stack; a manifest of more layers only wants to exhaust something. */
export const layersLimit = 1000;

const version = integer(2, 2);

export const manifest = object({
  schemaVersion: version,
  mediaType: omitEmpty(text),
  artifactType: omitEmpty(text),
  config: descriptor,
  /** The base layer first. */
  layers: atMost(layersLimit, list(descriptor)),
  subject: optional(descriptor),
  annotations: optional(record(text)),
});

export const index = object({
  schemaVersion: version,
  mediaType: omitEmpty(text),
  artifactType: omitEmpty(text),
  manifests: list(descriptor),
  subject: optional(descriptor),
  annotations: optional(record(text)),
});

export interface Manifest extends Infer<typeof manifest> {}
export interface Index extends Infer<typeof index> {}

/** What a registry or a layout calls a manifest. */
export type ImageDocument =
  | { readonly kind: "manifest"; readonly manifest: Manifest }
  | { readonly kind: "index"; readonly index: Index };

/**
 * A manifest or an index. `declared` is the media type of the descriptor or Content-Type it came under, if any;
 * a generic one ("application/json") says nothing.
 */
export function parseImageDocument(json: string, declared?: string, name = "manifest"): ImageDocument {
  return parseJson(documentOf(declared), json, name, manifestLimit);
}

function documentOf(declared: string | undefined): Schema<ImageDocument> {
  return (value, at) => {
    const clues = outline(value, at);
    switch (kindOf(clues, declared, at)) {
      case "manifest":
        return { kind: "manifest", manifest: manifest(value, at) };
      case "index":
        return { kind: "index", index: index(value, at) };
      case "schema1":
        throw new BrigError(
          "unsupported",
          `${at} is of Docker schema 1, which is obsolete; push the image again`,
          {
            code: "manifest-schema1",
          },
        );
    }
  };
}

const present: Schema<true> = () => true;

/** The fields that tell documents apart, of any type of document. */
const outline = object({
  schemaVersion: optional(integer(0, 1000)),
  mediaType: omitEmpty(text),
  manifests: optional(present),
  layers: optional(present),
  config: optional(present),
  fsLayers: optional(present),
});

function kindOf(clues: Infer<typeof outline>, declared: string | undefined, at: string): DocumentKind {
  const own = clues.mediaType === undefined ? undefined : documentKind(clues.mediaType);
  const given = declared === undefined ? undefined : documentKind(declared);
  if (clues.schemaVersion === 1 || clues.fsLayers || own === "schema1" || given === "schema1")
    return "schema1";
  if (clues.mediaType !== undefined && own === undefined) {
    throw new BrigError(
      "unsupported",
      `${at} mediaType: ${quote(clues.mediaType)} is no manifest of an image`,
      {
        code: "unknown-media-type",
      },
    );
  }
  if (clues.manifests && (clues.layers || clues.config)) fail(at, "is both a manifest and an index");
  const content = clues.manifests ? "index" : "manifest";
  if (own !== undefined && own !== content)
    fail(at, `has the content of the kind ${content}, but its mediaType says ${own}`);
  if (given !== undefined && given !== content)
    fail(at, `is of the kind ${content}, but was sent as ${given}`);
  return content;
}

function atMost<T>(most: number, schema: Schema<readonly T[]>): Schema<readonly T[]> {
  return (value, at) => {
    if (Array.isArray(value) && value.length > most) fail(at, `must not have more than ${most} entries`);
    return schema(value, at);
  };
}
