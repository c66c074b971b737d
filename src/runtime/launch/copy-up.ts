/**
 * `tmpcopyup`: a new tmpfs begins with what the image has in its place (runtime-spec, config.md#linux-mount-options).
 *
 * What there is has been read before the launch (`oci/copy-up.ts`). Each file is found anew by a lookup that stays
 * beneath the directory and follows no link, and must be as long as it was; so an image that changes meanwhile makes
 * the launch fail, and never leads it elsewhere. The copies are made by the container's root, before the tmpfs is
 * attached. Extended attributes are not copied, and files with several names become several files.
 */

import { BrigError } from "../../base/errors.ts";
import * as F from "../../kernel/abi/files.ts";
import { type Slot, struct, u64 } from "../../kernel/program/argument.ts";
import { openHow, type ProgramBuilder } from "../../kernel/program/builder.ts";
import type { IdMapping, Mount } from "../../spec/runtime/mounts.ts";
import type { LaunchContext } from "./context.ts";

/** A file beneath the directory that is copied; the directory itself is ".". Parents come before their children. */
export interface CopiedFile {
  /** Text, or bytes up to NUL where they are no UTF-8. */
  readonly path: string | Uint8Array;
  /** st_mode. */
  readonly mode: number;
  /** As the host has them. */
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** Nanoseconds since the epoch. */
  readonly modified: bigint;
  /** Of a device. */
  readonly number: number;
  /** Of a symbolic link. */
  readonly target?: string | Uint8Array;
}

/** For each tmpfs that is to be filled; an empty list where the image has nothing. */
export type CopyUps = ReadonlyMap<Mount, readonly CopiedFile[]>;

/** How to find a file in either directory without leaving it. */
const resolve = F.RESOLVE_BENEATH | F.RESOLVE_NO_SYMLINKS | F.RESOLVE_NO_MAGICLINKS;

export function openBeneath(flags: number) {
  const text = "{resolve=RESOLVE_BENEATH|RESOLVE_NO_SYMLINKS|RESOLVE_NO_MAGICLINKS}";
  return openHow({ flags: flags | F.O_NOFOLLOW | F.O_CLOEXEC, resolve, text });
}

export interface Filling {
  /** The container's directory. */
  readonly source: Slot;
  readonly tmpfs: Slot;
  readonly mount: Mount;
  readonly from: string;
}

export function fillTmpfs(c: LaunchContext, filling: Filling, files: readonly CopiedFile[]): void {
  const owners = ownersOf(c, filling.mount);
  const copy = new Copying(c, filling, owners);
  for (const file of files) copy.make(file);
  // What is made in a directory changes its time, and its mode may forbid making anything.
  for (const file of files.toReversed()) if (isDirectory(file)) copy.finish(file, given(filling.mount, file));
}

class Copying {
  readonly #p: ProgramBuilder;
  readonly #filling: Filling;
  readonly #owners: Owners;
  readonly #original: Slot;
  readonly #copy: Slot;

  constructor(c: LaunchContext, filling: Filling, owners: Owners) {
    this.#p = c.child;
    this.#filling = filling;
    this.#owners = owners;
    this.#original = c.slots.slot("file of the image");
    this.#copy = c.slots.slot("its copy");
  }

  make(file: CopiedFile): void {
    const { tmpfs, from } = this.#filling;
    const { path, mode } = file;
    const p = this.#p;
    const why = `copy ${shown(file)} into ${this.#filling.mount.destination}`;
    if (isDirectory(file)) {
      if (path !== ".") p.call(why, "mkdirat", [tmpfs, path, 0o700], { from });
      return;
    }
    if ((mode & F.S_IFMT) === F.S_IFREG) this.#content(file, why);
    else if (file.target !== undefined) p.call(why, "symlinkat", [file.target, tmpfs, path], { from });
    // A user namespace allows no devices; the container could not use them there either.
    else
      p.call(why, "mknodat", [tmpfs, path, mode, file.number], {
        from,
        on: { EPERM: "continue" },
        answer: {},
      });
    this.finish(file);
  }

  #content({ path, size }: CopiedFile, why: string): void {
    const { source, tmpfs, from } = this.#filling;
    const p = this.#p;
    const flags = F.O_WRONLY | F.O_CREAT | F.O_EXCL | F.O_NOFOLLOW | F.O_CLOEXEC;
    p.call(why, "openat", [tmpfs, path, flags, 0o600], { slot: this.#copy, from });
    if (size > 0) {
      const how = openBeneath(F.O_RDONLY | F.O_NONBLOCK | F.O_NOCTTY);
      p.call(why, "openat2", [source, path, how, 24], { slot: this.#original, from });
      for (let left = size; left > 0; left -= Math.min(left, sentAtOnce)) {
        const part = Math.min(left, sentAtOnce);
        p.call(why, "sendfile", [this.#copy, this.#original, 0, part], { from, expect: part });
      }
      p.close(this.#original);
    }
    p.close(this.#copy);
  }

  /** Owner, mode and time, of what is in the tmpfs alone. */
  finish(file: CopiedFile, keep: { readonly owner?: boolean; readonly mode?: boolean } = {}): void {
    const { tmpfs, from } = this.#filling;
    const p = this.#p;
    const { path, modified } = file;
    const on = isDevice(file) ? { on: { ENOENT: "continue" } as const } : {};
    const [uid, gid] = [this.#owners.uid(file.uid), this.#owners.gid(file.gid)];
    const why = (what: string) => `give the copy of ${shown(file)} its ${what}`;
    if (!keep.owner && uid !== undefined && gid !== undefined && (uid !== 0 || gid !== 0))
      p.call(why("owner"), "fchownat", [tmpfs, path, uid, gid, F.AT_SYMLINK_NOFOLLOW], { from, ...on });
    if (!keep.mode && file.target === undefined)
      p.call(why("mode"), "fchmodat", [tmpfs, path, file.mode & 0o7777], { from, ...on });
    const seconds = modified / 1_000_000_000n;
    const time = [seconds, modified - seconds * 1_000_000_000n] as const;
    const times = struct(`[mtime=${seconds}]`, u64(...time, ...time));
    p.call(why("time"), "utimensat", [tmpfs, path, times, F.AT_SYMLINK_NOFOLLOW], { from, ...on });
  }
}

/** The kernel sends no more by one call (sendfile(2)). */
const sentAtOnce = 0x7fff_f000;

export function isDirectory({ mode }: CopiedFile): boolean {
  return (mode & F.S_IFMT) === F.S_IFDIR;
}

function isDevice({ mode }: CopiedFile): boolean {
  const type = mode & F.S_IFMT;
  return type === F.S_IFCHR || type === F.S_IFBLK;
}

function shown({ path }: CopiedFile): string {
  return typeof path === "string" ? path : Buffer.from(path).toString("utf8").replace(/\0$/, "");
}

/** Of the tmpfs's own directory the options decide before the image does. */
function given({ options = [] }: Mount, { path }: CopiedFile) {
  if (path !== ".") return {};
  const has = (...names: readonly string[]) => options.some((o) => names.some((n) => o.startsWith(`${n}=`)));
  return { owner: has("uid", "gid"), mode: has("mode") };
}

interface Owners {
  readonly uid: (id: number) => number | undefined;
  readonly gid: (id: number) => number | undefined;
}

/** From ids of the host to the container's. One that is not mapped the container cannot give away: the copy is its root's. */
function ownersOf({ config }: LaunchContext, { destination }: Mount): Owners {
  const users = config.linux?.namespaces?.find(({ type }) => type === "user");
  if (!users) return { uid: (id) => id, gid: (id) => id };
  if (users.path !== undefined)
    throw new BrigError(
      "unsupported",
      `cannot fill the tmpfs at ${destination}: the owners of its files are not known in a user namespace that is joined; leave tmpcopyup out`,
    );
  const { uidMappings = [], gidMappings = [] } = config.linux ?? {};
  return { uid: (id) => inside(uidMappings, id), gid: (id) => inside(gidMappings, id) };
}

function inside(mappings: readonly IdMapping[], id: number): number | undefined {
  const found = mappings.find(({ hostID, size }) => id >= hostID && id < hostID + size);
  return found && found.containerID + id - found.hostID;
}
