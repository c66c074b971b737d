/** The folder format of images (image-spec, image-layout.md): `oci-layout`, `index.json`, `blobs/ALGORITHM/HEX`. */

import { BrigError } from "../../base/errors.ts";
import type { Digest } from "../../base/ids.ts";
import { parseJson } from "../schema/json.ts";
import { text } from "../schema/scalars.ts";
import { type Infer, object, quote } from "../schema/schema.ts";
import { type Index, index, manifestLimit } from "./manifest.ts";

export const layoutFile = "oci-layout";
export const layoutIndexFile = "index.json";
export const layoutVersion = "1.0.0";

/** Annotations of an entry of index.json: its tag or reference (annotations.md), and containerd's full reference. */
export const refNameAnnotation = "org.opencontainers.image.ref.name";
export const containerdNameAnnotation = "io.containerd.image.name";

const layoutLimit = 4096;

export const layout = object({ imageLayoutVersion: text });

export interface Layout extends Infer<typeof layout> {}

/** The text of `oci-layout`; refuses a version that is not 1.0.0. */
export function parseLayout(json: string): Layout {
  const parsed = parseJson(layout, json, layoutFile, layoutLimit);
  if (parsed.imageLayoutVersion !== layoutVersion) {
    const found = quote(parsed.imageLayoutVersion);
    throw new BrigError(
      "unsupported",
      `${layoutFile}: imageLayoutVersion: must be ${layoutVersion}, not ${found}`,
    );
  }
  return parsed;
}

/** The text of `index.json`. */
export function parseLayoutIndex(json: string): Index {
  return parseJson(index, json, layoutIndexFile, manifestLimit);
}

/** Where a blob is, relative to the folder. */
export function blobPath(blob: Digest): string {
  return `blobs/${blob.replace(":", "/")}`;
}
