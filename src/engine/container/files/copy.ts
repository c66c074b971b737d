/** `cp`: files and folders between the caller's file system and a container's, both sides in one session. */

import { TreeArchive } from "../../../image/files/archive.ts";
import { TreeCopy, type TreeCopyOptions } from "../../../image/files/copy.ts";
import { extractTree } from "../../../image/files/extract.ts";
import type { FoundFile } from "../../../image/files/reader.ts";
import type { FileSession } from "../../../image/files/side.ts";
import { blockSize } from "../../../image/tar/block.ts";
import { encodeText } from "../../../image/tar/byte-string.ts";
import type { EngineHost } from "../../host.ts";
import type { ContainerRecord } from "../records.ts";
import { containerSource, containerTarget } from "./container-path.ts";
import { givesContent, type Placement, placementOf } from "./destination.ts";
import { hostFile } from "./host-folder.ts";
import { calledAs, hostSource, hostTarget } from "./host-path.ts";
import { openFiles } from "./open.ts";

/** What `cp` copies, and where to. */
export interface CopyRequest {
  /** The container as the user called it. */
  readonly called: string;
  /** Of the container. */
  readonly path: string;
  /** Of the caller; absolute, with the slash or `/.` that it ended in. */
  readonly hostPath: string;
  /** A link that is the source is followed. */
  readonly follow?: boolean;
  /** Owners are kept. */
  readonly archive?: boolean;
}

/** Resolves with the bytes that an archive of the copy would have. */
export async function copyOut(
  host: EngineHost,
  record: ContainerRecord,
  { called, path, hostPath, follow = false, archive = false }: CopyRequest,
): Promise<number> {
  const target = hostTarget(hostPath);
  await using files = await openFiles(host, record, { outside: target.folder, called, mounts: true });
  const source = await containerSource(files, path, follow);
  const isDirectory = source.stat.kind === "directory";
  const placement = placementOf(
    { name: source.called, isDirectory, contentOnly: source.contentOnly },
    target,
  );
  const caller = { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };
  return await transfer(
    { session: files.session, source },
    { ...files.outside, placement },
    { owner: archive ? files.seen : () => caller, shifting: true },
  );
}

export async function copyIn(
  host: EngineHost,
  record: ContainerRecord,
  { called, path, hostPath, follow = false }: CopyRequest,
): Promise<number> {
  const contentOnly = givesContent(hostPath);
  const { folder, name, isDirectory } = hostSource(hostPath, follow);
  await using files = await openFiles(host, record, { outside: folder, called, mounts: true });
  const target = await containerTarget(files, path);
  const own = contentOnly || !follow ? name : calledAs(hostPath);
  const placement = placementOf({ name: own, isDirectory, contentOnly }, target);
  const found = await hostFile(files.outside.session, files.outside.folder, name);
  return await transfer(
    { session: files.outside.session, source: found },
    { session: files.session, folder: target.folder, placement },
    { owner: files.owner, shifting: false },
  );
}

type Source = FoundFile & { readonly folder: number };

interface Target {
  readonly session: FileSession;
  readonly folder: number;
  readonly placement: Placement;
}

async function transfer(
  from: { readonly session: FileSession; readonly source: Source },
  to: Target,
  options: TreeCopyOptions,
): Promise<number> {
  if (from.session !== to.session) return transferArchive(from, to, options);
  const { session, source } = from;
  const { folder, placement } = to;
  const copy = new TreeCopy(session, session.side(source.folder), session.side(folder), options);
  const { name, stat, link } = source;
  if (placement.kind === "content") {
    await copy.contents({ path: name, mountRoot: stat.mountRoot }, ".");
  } else await copy.named({ name, stat, link }, name, encodeText(placement.name));
  return copy.copied;
}

/** Between two sessions, neither of which has rights on the other's side: what one reads the other writes. */
async function transferArchive(
  { session, source }: { readonly session: FileSession; readonly source: Source },
  to: Target,
  { owner }: TreeCopyOptions,
): Promise<number> {
  const tree = new TreeArchive(session, session.side(source.folder), { xattrs: "capabilities" });
  const { placement } = to;
  const name = placement.kind === "content" ? "." : encodeText(placement.name);
  let copied = 0;
  const archive = async function* () {
    for await (const bytes of tree.entries(source, source.name, name)) {
      copied += bytes.length;
      yield bytes;
    }
    const end = Buffer.alloc(2 * blockSize);
    copied += end.length;
    yield end;
  };
  await extractTree(to.session, { root: to.folder, path: encodeText("/"), owner }, archive());
  return copied;
}
