/** The caller's side of a copy: paths that he names, looked at as he would, by ordinary means. */

import { lstatSync, readlinkSync, realpathSync, type Stats } from "node:fs";
import { basename, dirname, isAbsolute, join } from "node:path";
import { BrigError } from "../../../base/errors.ts";
import type { HostPath } from "../../../base/ids.ts";
import type { CopyTarget } from "./destination.ts";

export interface HostPlace {
  /** Without links in it. */
  readonly folder: HostPath;
  readonly name: string;
}

/** As in Docker, and in go's path resolution. */
const linksLimit = 10;

/** What is copied: a link at the end is one, unless it is followed or the path says that it is a folder. */
export function hostSource(path: string, follow: boolean): HostPlace & { readonly isDirectory: boolean } {
  const through = follow || /\/\.?$/.test(path);
  try {
    const whole = through ? realpathSync(path) : join(realpathSync(dirname(path)), basename(path));
    return {
      folder: dirname(whole) as HostPath,
      name: basename(whole),
      isDirectory: lstatSync(whole).isDirectory(),
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    throw new BrigError("not-found", `lstat ${path.replace(/(?<=.)\/\.?$/, "")}: no such file or directory`, {
      cause: error,
    });
  }
}

/** A link that was followed gives the copy its own name. */
export function calledAs(path: string): string {
  return path.replace(/\/+\.?$/, "").replace(/^.*\//, "");
}

/** Where a copy goes: a folder, or a name in one; a link at the end is followed, also where it leads to nothing. */
export function hostTarget(path: string): HostPlace & CopyTarget {
  const asserted = /\/\.?$/.test(path);
  let at = path.replace(/(?<=.)\/+\.?$/, "");
  for (let links = 0; ; links++) {
    const found = look(at);
    if (!found?.isSymbolicLink()) return { ...placeOf(at, found), kind: kindOf(found), asserted };
    if (links === linksLimit) throw new BrigError("invalid", `cannot copy to ${path}: too many links`);
    const link = readlinkSync(at);
    at = isAbsolute(link) ? link : join(realpathSync(dirname(at)), link);
  }
}

function placeOf(path: string, found: Stats | undefined): HostPlace {
  if (found?.isDirectory()) return { folder: realpathSync(path) as HostPath, name: basename(path) };
  try {
    return { folder: realpathSync(dirname(path)) as HostPath, name: basename(path) };
  } catch (error) {
    throw new BrigError("not-found", `invalid output path: directory "${dirname(path)}" does not exist`, {
      cause: error,
    });
  }
}

function kindOf(found: Stats | undefined): CopyTarget["kind"] {
  if (found === undefined) return undefined;
  return found.isDirectory() ? "directory" : "other";
}

function look(path: string): Stats | undefined {
  try {
    return lstatSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}
