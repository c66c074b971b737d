/** Files of a container as an archive, and an archive into a container: `cp` with `-`, and `export`. */

import { BrigError } from "../../../base/errors.ts";
import { decompress } from "../../../image/compression/decompress.ts";
import { TreeArchive } from "../../../image/files/archive.ts";
import { extractTree } from "../../../image/files/extract.ts";
import { blockSize } from "../../../image/tar/block.ts";
import { encodeText } from "../../../image/tar/byte-string.ts";
import type { EngineHost } from "../../host.ts";
import type { ContainerRecord } from "../records.ts";
import { cleanPath, containerSource, containerTarget, notFound } from "./container-path.ts";
import { openFiles } from "./open.ts";

/** An archive that unpacks to more than a tebibyte is a bomb. */
const archiveLimit = 2 ** 40;

export interface ArchiveRequest {
  /** The container as the user called it. */
  readonly called: string;
  readonly path: string;
  /** A link that is the source is followed. */
  readonly follow?: boolean;
}

/** What is at a path, as `docker cp CONTAINER:PATH -` writes it. */
export async function* archiveOut(
  host: EngineHost,
  record: ContainerRecord,
  { called, path, follow = false }: ArchiveRequest,
): AsyncGenerator<Uint8Array> {
  await using files = await openFiles(host, record, { called, mounts: true });
  const source = await containerSource(files, path, follow);
  const { session, seen } = files;
  const tree = new TreeArchive(session, session.side(source.folder), { xattrs: "capabilities", owner: seen });
  yield* tree.entries(source, source.name, source.contentOnly ? "." : encodeText(source.called));
  yield Buffer.alloc(2 * blockSize);
}

/** The root file system as it is now, without what is mounted in it. */
export async function* exportContainer(
  host: EngineHost,
  record: ContainerRecord,
  called: string,
): AsyncGenerator<Uint8Array> {
  await using files = await openFiles(host, record, { called, mounts: false });
  const { session, root } = files;
  yield* new TreeArchive(session, session.side(root), { xattrs: "all" }).contents();
  yield Buffer.alloc(2 * blockSize);
}

/** Puts what an archive holds into a folder of the container. */
export async function archiveIn(
  host: EngineHost,
  record: ContainerRecord,
  { called, path }: ArchiveRequest,
  archive: AsyncIterable<Uint8Array>,
): Promise<void> {
  await using files = await openFiles(host, record, { called, mounts: true });
  const target = await containerTarget(files, path);
  if (target.kind === undefined) throw notFound(called, path);
  if (target.kind !== "directory")
    throw new BrigError("invalid", `destination "${called}:${path}" must be a directory`);
  const plain = decompress(archive, { limit: archiveLimit, what: "the archive" });
  const { session, root, owner } = files;
  await extractTree(session, { root, path: encodeText(cleanPath(path)), owner }, plain);
}
