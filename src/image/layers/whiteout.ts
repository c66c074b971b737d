/** Names by which a layer removes what is below it (image-spec, layer.md, "Whiteouts"). */

import type { ByteString } from "../tar/byte-string.ts";
import { unusable } from "./path.ts";

export type WhiteoutName =
  /** `.wh.NAME`: NAME is gone. */
  | { readonly kind: "whiteout"; readonly name: string }
  /** `.wh..wh..opq`: the directory begins empty. */
  | { readonly kind: "opaque" }
  /** Any other `.wh..wh.` name: bookkeeping of aufs. */
  | { readonly kind: "metadata" };

const prefix = ".wh.";
const metadataPrefix = ".wh..wh.";
const opaqueName = ".wh..wh..opq";

/** What the last component of an entry's name says; undefined for an ordinary name. */
export function whiteoutName(base: string, entry: ByteString): WhiteoutName | undefined {
  if (!base.startsWith(prefix)) return undefined;
  if (base === opaqueName) return { kind: "opaque" };
  if (base.startsWith(metadataPrefix)) return { kind: "metadata" };
  const name = base.slice(prefix.length);
  // Attack: `.wh...` would remove the parent of the folder it stands in, `.wh..` the folder.
  if (name === "" || name === "." || name === "..")
    throw unusable(entry, "it removes nothing that has a name");
  return { kind: "whiteout", name };
}

/** Whether a component in the middle of a path has a name that only whiteouts may have. */
export function isReserved(component: string): boolean {
  return component.startsWith(prefix);
}

/** Where aufs kept files that have several names; entries link to what is in there. */
export function isMetadata(component: string): boolean {
  return component.startsWith(metadataPrefix) && component !== opaqueName;
}
