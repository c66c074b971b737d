/** What an entry of a layer says of the file itself: owner, mode, times and extended attributes. */

import type { TarHeader } from "../tar/entry.ts";
import type { Attributes } from "./jail.ts";
import { unusable } from "./path.ts";
import { filterXattrs } from "./xattr-filter.ts";

export function attributesOf(header: TarHeader): Attributes {
  const owner = { uid: ownerId(header, "uid"), gid: ownerId(header, "gid"), mode: header.mode };
  const times = { atime: header.atime ?? header.mtime, mtime: header.mtime };
  return { owner, xattrs: filterXattrs(header.xattrs), times };
}

/** uid_t has 32 bits; negative numbers are the upper half. Attack: -1 means "as it is" to chown(2), hence root. */
function ownerId(header: TarHeader, which: "uid" | "gid"): number {
  const given = header[which];
  const id = given < 0 ? given + 2 ** 32 : given;
  if (id < 0 || id >= 2 ** 32 - 1) throw unusable(header.path, `its ${which} ${given} does not exist`);
  return id;
}
