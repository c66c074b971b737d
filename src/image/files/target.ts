/**
 * Calls that put files into a folder, in place of what is there, as `docker cp` does: a directory merges with a
 * directory and never takes the place of anything else, nor anything its.
 *
 * Names are single components beneath an fd, and no link is followed; the file being written is open in a slot.
 */

import * as F from "../../kernel/abi/files.ts";
import { errnoNumber } from "../../kernel/errno.ts";
import {
  type CallList,
  callNumbers,
  pointer0,
  pointer1,
  pointer2,
  pointer3,
} from "../../kernel/program/call-list.ts";
import type { ByteString } from "../tar/byte-string.ts";
import type { DeviceNumber, Timestamp } from "../tar/entry.ts";

export interface Attributes {
  readonly uid: number;
  readonly gid: number;
  /** 0 to 0o7777. */
  readonly mode: number;
  readonly atime: Timestamp;
  readonly mtime: Timestamp;
}

// biome-ignore format: a table
const numbers = callNumbers(
  "fchmod", "fchmodat", "fchown", "fchownat", "fsetxattr", "linkat", "mkdirat", "mknodat",
  "openat", "symlinkat", "unlinkat", "utimensat",
);

const [EEXIST, ENOENT, EOPNOTSUPP, EPERM] = (["EEXIST", "ENOENT", "EOPNOTSUPP", "EPERM"] as const).map(
  errnoNumber,
) as [number, number, number, number];

const writing = F.O_WRONLY | F.O_CREAT | F.O_EXCL | F.O_NOFOLLOW | F.O_CLOEXEC;

/** Opens a new file into `slot`. */
export function createFile(list: CallList, folder: number, name: string, slot: number): void {
  replacing(list, folder, name, () => {
    list.call(numbers.openat, pointer1, folder, list.text(name), writing, 0o600);
    list.into(slot);
  });
}

/** Sets the attributes of what is open. */
export function finish(list: CallList, slot: number, attributes: Attributes): void {
  const { uid, gid, mode } = attributes;
  list.call(numbers.fchown, 0, slot, uid, gid);
  list.call(numbers.fchmod, 0, slot, mode);
  setTimes(list, slot, attributes);
}

export function setTimes(list: CallList, slot: number, times: Pick<Attributes, "atime" | "mtime">): void {
  list.call(numbers.utimensat, pointer2, slot, 0, timespecs(list, times), 0);
}

/** It is there, or is made; whoever opens it next finds out what it is. */
export function makeFolder(list: CallList, folder: number, name: string): void {
  list.call(numbers.mkdirat, pointer1, folder, list.text(name), 0o700);
  list.forgive(EEXIST);
}

export function makeLink(
  list: CallList,
  folder: number,
  name: string,
  target: ByteString,
  attributes: Attributes,
): void {
  replacing(list, folder, name, () =>
    list.call(numbers.symlinkat, pointer0 | pointer2, list.text(target), folder, list.text(name)),
  );
  ownName(list, folder, name, attributes);
}

export function makeNode(
  list: CallList,
  folder: number,
  name: string,
  node: { readonly kind: keyof typeof nodeTypes; readonly device: DeviceNumber },
  attributes: Attributes,
): void {
  const device = node.kind === "fifo" ? 0 : F.deviceNumber(node.device.major, node.device.minor);
  replacing(list, folder, name, () =>
    list.call(numbers.mknodat, pointer1, folder, list.text(name), nodeTypes[node.kind] | 0o600, device),
  );
  ownName(list, folder, name, attributes);
  // Follows links. Should it be one by now, it leads nowhere but inside the session's own root.
  list.call(numbers.fchmodat, pointer1, folder, list.text(name), attributes.mode);
}

/** Another name for a file; where the first has gone there is none, or an error. */
export function makeHardLink(
  list: CallList,
  first: { readonly folder: number; readonly name: string },
  folder: number,
  name: string,
  otherwise: "none" | "missing is an error" = "none",
): void {
  const missing: number[] = [];
  replacing(list, folder, name, () => {
    const [from, to] = [list.text(first.name), list.text(name)];
    list.call(numbers.linkat, pointer1 | pointer3, first.folder, from, folder, to, 0);
    if (otherwise === "none") missing.push(list.branch(ENOENT));
  });
  for (const rule of missing) list.landRule(rule);
}

/** Of the open file; file systems that know none are forgiven, as in Docker. */
export function setXattr(list: CallList, slot: number, name: string, value: Uint8Array): void {
  const bytes = list.bytes(value);
  list.call(numbers.fsetxattr, pointer1 | pointer2, slot, list.text(name), bytes, value.length);
  for (const errno of [EOPNOTSUPP, EPERM]) list.forgive(errno);
}

const nodeTypes = {
  fifo: F.S_IFIFO,
  "character-device": F.S_IFCHR,
  "block-device": F.S_IFBLK,
} as const;

/** What is there goes first if it has to; a directory stays, and unlinkat(2) says EISDIR. */
function replacing(list: CallList, folder: number, name: string, make: () => void): void {
  make();
  const taken = list.branch(EEXIST);
  const done = list.jump();
  list.landRule(taken);
  list.call(numbers.unlinkat, pointer1, folder, list.text(name), 0);
  list.forgive(ENOENT);
  make();
  list.land(done);
}

function ownName(list: CallList, folder: number, name: string, { uid, gid, ...times }: Attributes): void {
  list.call(numbers.fchownat, pointer1, folder, list.text(name), uid, gid, F.AT_SYMLINK_NOFOLLOW);
  const [at, spec] = [list.text(name), timespecs(list, times)];
  list.call(numbers.utimensat, pointer1 | pointer2, folder, at, spec, F.AT_SYMLINK_NOFOLLOW);
}

function timespecs(
  list: CallList,
  { atime, mtime }: { readonly atime: Timestamp; readonly mtime: Timestamp },
): number {
  return list.words(atime.seconds, atime.nanoseconds, mtime.seconds, mtime.nanoseconds);
}
