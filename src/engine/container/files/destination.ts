/**
 * Where `cp` puts things: the rules of `docker cp`, whichever side the source is on.
 *
 * A folder takes what is copied in; a source that ends in `/.` gives its content and not itself; a name that is not
 * there becomes the copy's own.
 */

import { BrigError } from "../../../base/errors.ts";

export interface CopySource {
  /** The name that the copy would have in a folder. */
  readonly name: string;
  readonly isDirectory: boolean;
  /** The path ended in `/.`, or was the root. */
  readonly contentOnly: boolean;
}

export interface CopyTarget {
  /** Undefined where nothing is there. */
  readonly kind: "directory" | "other" | undefined;
  /** The name itself, in the folder it is in or would be in. */
  readonly name: string;
  /** The path ended in a slash. */
  readonly asserted: boolean;
}

/** Into the folder that the target is, or beside it, in the place of its name. */
export type Placement =
  | { readonly kind: "content"; readonly of: "target" }
  | { readonly kind: "into"; readonly name: string }
  | { readonly kind: "as"; readonly name: string };

export function placementOf(source: CopySource, target: CopyTarget): Placement {
  if (target.kind === "directory")
    return source.contentOnly ? { kind: "content", of: "target" } : { kind: "into", name: source.name };
  if (source.isDirectory && target.kind !== undefined)
    throw new BrigError("conflict", "cannot copy directory", { code: "not-a-directory" });
  if (target.kind === undefined && target.asserted && !source.isDirectory)
    throw new BrigError("not-found", "no such directory", { code: "no-such-directory" });
  return { kind: "as", name: target.name };
}

/** `/a/b/.` and `/` give what they hold. */
export function givesContent(path: string): boolean {
  return /(?:^|\/)\.$/.test(path) || /^\/+$/.test(path);
}
