/**
 * Which extended attributes of an archive reach the disk, and which ones brig adds.
 *
 * Attack: `trusted.overlay.redirect` or `.metacopy` in a layer would make overlayfs show files of other places, and
 * `security.selinux` or `security.ima` would speak for the host's policy. So only what a file owns is taken over.
 */

import { type ByteString, encodeText } from "../tar/byte-string.ts";
import type { Xattr } from "./jail.ts";
import { unusable } from "./path.ts";

/** Where overlayfs keeps its own attributes: in a user namespace it is mounted with `userxattr`. */
export type OverlayXattrs = "trusted" | "user";

const allowed: readonly RegExp[] = [
  /^user\.(?!overlay\.)/,
  /^security\.capability$/,
  /^system\.posix_acl_(access|default)$/,
];

/** linux/limits.h, XATTR_SIZE_MAX. */
const valueLimit = 65536;

export function filterXattrs(xattrs: ReadonlyMap<ByteString, Uint8Array>): readonly Xattr[] {
  if (xattrs.size === 0) return none;
  return [...xattrs]
    .filter(([name]) => allowed.some((pattern) => pattern.test(name)))
    .map(([name, value]) => {
      // Attack: a megabyte for each of a million entries, which the kernel would refuse only one by one.
      if (value.length > valueLimit) throw unusable(name, "the value of an extended attribute is too long");
      return { name, value, required: false };
    });
}

/** overlayfs.rst, "whiteouts and opaque directories". */
export function opaqueXattr(where: OverlayXattrs): Xattr {
  return { name: encodeText(`${where}.overlay.opaque`), value: Buffer.from("y"), required: true };
}

const none: readonly Xattr[] = [];
