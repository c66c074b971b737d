/** A reference to content by type, digest and size (image-spec, descriptor.md). */

import { type Digest, parseDigest } from "../../base/ids.ts";
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

export const digest: Schema<Digest> = (value, at) => {
  const given = text(value, at);
  return (
    parseDigest(given) ?? fail(at, `must be a sha256 or sha512 digest in lower case, not ${quote(given)}`)
  );
};

/** image-spec, image-index.md: the minimum requirements of the image on its host. */
export const platform = object({
  architecture: text,
  os: text,
  "os.version": omitEmpty(text),
  "os.features": optional(list(text)),
  variant: omitEmpty(text),
});

export const descriptor = object({
  mediaType: text,
  digest,
  /** Bytes; content of another size is refused before it is hashed. */
  size: integer(0, Number.MAX_SAFE_INTEGER),
  urls: optional(list(text)),
  annotations: optional(record(text)),
  /** The content itself, base64; to be checked against digest and size like any other source. */
  data: omitEmpty(text),
  platform: optional(platform),
  artifactType: omitEmpty(text),
});

export interface Platform extends Infer<typeof platform> {}
export interface Descriptor extends Infer<typeof descriptor> {}
