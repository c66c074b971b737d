/**
 * `cp` between the caller's files and a container of another engine. On the caller's side an executor of our own reads
 * and writes, as for a container of this host: an archive that comes from elsewhere must not lead out of the folder that
 * it is for.
 */

import { posix } from "node:path";
import { BrigError } from "../base/errors.ts";
import { cleanPath } from "../engine/container/files/container-path.ts";
import type { CopyRequest } from "../engine/container/files/copy.ts";
import { type CopyTarget, givesContent, placementOf } from "../engine/container/files/destination.ts";
import { hostFile, openHostFolder } from "../engine/container/files/host-folder.ts";
import { calledAs, hostSource, hostTarget } from "../engine/container/files/host-path.ts";
import type { FileInfo } from "../engine/container/files/stat-file.ts";
import { TreeArchive } from "../image/files/archive.ts";
import { extractTree } from "../image/files/extract.ts";
import { blockSize } from "../image/tar/block.ts";
import { encodeText } from "../image/tar/byte-string.ts";
import { shimPath } from "../kernel/executor/shim-path.ts";
import type { RemoteFiles } from "./remote-files.ts";
import { renamed } from "./rename-entries.ts";

type Request = Omit<CopyRequest, "called">;

/** Of a mode as Go has it. */
const directoryBit = 2 ** 31;

export async function copyFromRemote(
  files: RemoteFiles,
  reference: string,
  { path, hostPath, follow = false, archive = false }: Request,
): Promise<number> {
  const target = hostTarget(hostPath);
  const found = await files.statFile(reference, path);
  const through = follow && found.linkTarget !== "" ? found.linkTarget : path;
  const source = through === path ? found : await files.statFile(reference, through);
  const clean = cleanPath(path);
  const contentOnly = givesContent(path) || clean === "/";
  const placement = placementOf(
    { name: posix.basename(clean), isDirectory: isDirectory(source), contentOnly },
    target,
  );
  await using place = await openHostFolder(shimPath(), target.folder);
  let copied = 0;
  const counted = async function* () {
    for await (const bytes of files.archiveOut(reference, { path: through })) {
      copied += bytes.length;
      yield bytes;
    }
  };
  const caller = { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };
  await extractTree(
    place.session,
    {
      root: place.folder,
      path: encodeText("/"),
      owner: archive && caller.uid === 0 ? (said) => said : () => caller,
    },
    renamed(counted(), placement.kind === "content" ? "." : placement.name),
  );
  return copied;
}

export async function copyToRemote(
  files: RemoteFiles,
  reference: string,
  { path, hostPath, follow = false }: Request,
): Promise<number> {
  const contentOnly = givesContent(hostPath);
  const source = hostSource(hostPath, follow);
  const target = await targetIn(files, reference, path);
  const own = contentOnly || !follow ? source.name : calledAs(hostPath);
  const placement = placementOf({ name: own, isDirectory: source.isDirectory, contentOnly }, target);
  await using place = await openHostFolder(shimPath(), source.folder);
  const file = await hostFile(place.session, place.folder, source.name);
  const tree = new TreeArchive(place.session, place.session.side(file.folder), { xattrs: "capabilities" });
  const name = placement.kind === "content" ? "." : encodeText(placement.name);
  let copied = 0;
  const bytes = async function* () {
    for await (const piece of tree.entries(file, file.name, name)) {
      copied += piece.length;
      yield piece;
    }
    const end = Buffer.alloc(2 * blockSize);
    copied += end.length;
    yield end;
  };
  await files.archiveIn(reference, placement.kind === "as" ? target.folder : target.path, bytes());
  return copied;
}

interface RemoteTarget extends CopyTarget {
  /** Through links, absolute. */
  readonly path: string;
  readonly folder: string;
}

/** As in Docker. */
const linksLimit = 10;

/** Where a copy goes; a link at the end is followed, also one that leads to nothing. */
async function targetIn(files: RemoteFiles, reference: string, path: string): Promise<RemoteTarget> {
  let at = cleanPath(path);
  let found = await files.statFile(reference, at).catch(unlessAbsent);
  for (let links = 0; found && found.linkTarget !== ""; links++) {
    if (links === linksLimit) throw new BrigError("invalid", `cannot copy to ${path}: too many links`);
    at = cleanPath(found.linkTarget);
    found = await files.statFile(reference, at).catch(unlessAbsent);
  }
  return {
    path: at,
    folder: posix.dirname(at),
    name: posix.basename(at),
    kind: found && (isDirectory(found) ? "directory" : "other"),
    asserted: path.endsWith("/"),
  };
}

function unlessAbsent(error: unknown): undefined {
  if (!(error instanceof BrigError && error.code === "no-such-path")) throw error;
}

function isDirectory({ mode }: FileInfo): boolean {
  return Math.floor(mode / directoryBit) % 2 === 1;
}
