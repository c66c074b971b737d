/** The header of a file or folder that is in no file system: root's, of no time, with nothing but its bytes. */

import { encodeText } from "./byte-string.ts";
import { noXattrs, type TarHeader } from "./entry.ts";

export function plainHeader(
  kind: "file" | "directory",
  path: string,
  {
    size = 0,
    mode = kind === "file" ? 0o644 : 0o755,
  }: { readonly size?: number; readonly mode?: number } = {},
): TarHeader {
  return {
    kind,
    path: encodeText(path),
    linkPath: encodeText(""),
    mode,
    uid: 0,
    gid: 0,
    userName: encodeText(""),
    groupName: encodeText(""),
    size,
    mtime: { seconds: 0, nanoseconds: 0 },
    xattrs: noXattrs,
  };
}
