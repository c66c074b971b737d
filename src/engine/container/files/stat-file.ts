/** What is at a path of a container, without its content: what `cp` asks before it copies (Engine API, ContainerArchiveInfo). */

import { posix } from "node:path";
import type { FileStat } from "../../../image/files/stat.ts";
import type { EngineHost } from "../../host.ts";
import type { ContainerRecord } from "../records.ts";
import { cleanPath, containerSource } from "./container-path.ts";
import { openFiles } from "./open.ts";

/** What is at a path of a container. */
export interface FileInfo {
  readonly name: string;
  readonly size: number;
  /** As Go's os.FileMode: the permissions, and bits for the kind above them. */
  readonly mode: number;
  /** Milliseconds since the epoch. */
  readonly modified: number;
  /** Absolute, in the container; empty where it is no link. */
  readonly linkTarget: string;
}

export async function statContainerFile(
  host: EngineHost,
  record: ContainerRecord,
  { called, path }: { readonly called: string; readonly path: string },
): Promise<FileInfo> {
  await using files = await openFiles(host, record, { called, mounts: true });
  const { stat, link, called: name } = await containerSource(files, path, false);
  const target = Buffer.from(link, "latin1").toString("utf8");
  return {
    name: name === "" ? "/" : name,
    size: stat.size,
    mode: goMode(stat),
    modified: stat.mtime.seconds * 1000 + stat.mtime.nanoseconds / 1e6,
    linkTarget: target === "" ? "" : posix.resolve(posix.dirname(cleanPath(path)), target),
  };
}

const kindBits: Readonly<Record<FileStat["kind"], number>> = {
  file: 0,
  directory: 2 ** 31,
  "symbolic-link": 2 ** 27,
  "block-device": 2 ** 26,
  "character-device": 2 ** 26 + 2 ** 21,
  fifo: 2 ** 25,
  socket: 2 ** 24,
};

/** Set-user-id, set-group-id and sticky have bits of their own. */
function goMode({ kind, mode }: FileStat): number {
  const special =
    (mode & 0o4000 ? 2 ** 23 : 0) + (mode & 0o2000 ? 2 ** 22 : 0) + (mode & 0o1000 ? 2 ** 20 : 0);
  return kindBits[kind] + special + (mode & 0o777);
}
