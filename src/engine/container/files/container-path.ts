/** The container's side of a copy: paths in it, resolved in its root. */

import { posix } from "node:path";
import { BrigError } from "../../../base/errors.ts";
import { type Resolved, resolveInRoot } from "../../../image/files/resolve.ts";
import type { FileStat } from "../../../image/files/stat.ts";
import { encodeText } from "../../../image/tar/byte-string.ts";
import { type CopyTarget, givesContent } from "./destination.ts";
import type { OpenFiles } from "./open.ts";

export interface ContainerSource extends Resolved {
  readonly stat: FileStat;
  /** The slot of the folder it is in. */
  readonly folder: number;
  /** What the copy is called: the last component as the user wrote it. */
  readonly called: string;
  readonly contentOnly: boolean;
}

/** What is copied out. A link at the end is one, unless it is followed or the path says that it is a folder. */
export async function containerSource(
  { session, root, called }: OpenFiles,
  path: string,
  follow: boolean,
): Promise<ContainerSource> {
  const clean = cleanPath(path);
  const folder = session.slot();
  const asFolder = /\/\.?$/.test(path) && clean !== "/";
  const found = await resolveInRoot(session.pipeline, {
    root,
    into: folder,
    path: encodeText(clean),
    follow: follow || asFolder,
  });
  if (found?.stat === undefined || (asFolder && found.stat.kind !== "directory"))
    throw notFound(called, path);
  const contentOnly = givesContent(path) || clean === "/";
  return { ...found, stat: found.stat, folder, called: posix.basename(clean), contentOnly };
}

export interface ContainerTarget extends CopyTarget {
  /** The slot of the folder that it is, or is in. */
  readonly folder: number;
}

/** Where a copy goes; links are followed, also one that leads to nothing. */
export async function containerTarget(
  { session, root, called }: OpenFiles,
  path: string,
): Promise<ContainerTarget> {
  const clean = cleanPath(path);
  const folder = session.slot();
  const request = { root, into: folder, path: encodeText(clean), follow: true };
  const found = await resolveInRoot(session.pipeline, request);
  if (found === undefined) throw notFound(called, posix.dirname(clean));
  const kind = found.stat?.kind;
  if (kind !== undefined && kind !== "directory" && kind !== "file")
    throw new BrigError(
      "invalid",
      `destination "${called}:${path}" must be a directory or a regular file: got ${kind.endsWith("device") ? "a device" : "an irregular file"}`,
    );
  if (kind === "directory") {
    const into = session.slot();
    await resolveInRoot(session.pipeline, {
      root: folder,
      into,
      path: encodeText(found.name === "." ? "/" : `/${found.name}/`),
    });
    return { folder: into, name: found.name, kind, asserted: false };
  }
  const name = Buffer.from(found.name, "latin1").toString("utf8");
  return { folder, name, kind: kind && "other", asserted: path.endsWith("/") };
}

/** Absolute, without `..`, which goes up by the text alone, as in Docker. */
export function cleanPath(path: string): string {
  const clean = posix.normalize(`/${path}`).replace(/^\/+/, "/");
  return clean.replace(/(?<=.)\/\.?$/, "");
}

export function notFound(container: string, path: string): BrigError {
  return new BrigError("not-found", `No such container:path: ${container}:${path}`, {
    code: "no-such-path",
  });
}
