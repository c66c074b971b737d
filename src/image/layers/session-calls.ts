/**
 * From operations of a jail to system calls, each on one component beneath an fd and none through a symbolic link.
 *
 * A file is open in its slot from `file` to `seal`. Owner, mode, attributes and times are set by fd where the thing
 * may be opened; a device or fifo never is, because opening one does something.
 */

import * as F from "../../kernel/abi/files.ts";
import {
  type CallList,
  callNumbers,
  pointer0,
  pointer1,
  pointer2,
  pointer3,
} from "../../kernel/program/call-list.ts";
import type { ByteString } from "../tar/byte-string.ts";
import type { Operation, Ownership, Times, Xattr } from "./jail.ts";
import { unusable } from "./path.ts";
import { type OpenFolders, openFolder, parentOf } from "./session-folders.ts";

// biome-ignore format: a table
const numbers = callNumbers(
  "close", "fchdir", "fchmod", "fchmodat", "fchown", "fchownat", "fsetxattr", "ftruncate", "linkat", "lseek", "lsetxattr",
  "mkdirat", "mknodat", "openat", "readlinkat", "symlinkat", "unlinkat", "utimensat",
);

const errno = { EPERM: 1, EINVAL: 22, EOPNOTSUPP: 95 } as const;
const fileTypes = {
  fifo: F.S_IFIFO,
  "character-device": F.S_IFCHR,
  "block-device": F.S_IFBLK,
} as const;

type Of<Kind extends Operation["kind"]> = Extract<Operation, { kind: Kind }>;

export class OperationCalls {
  readonly #folders: OpenFolders;
  readonly #file: number;
  #position = 0;

  constructor(file: number, folders: OpenFolders) {
    this.#folders = folders;
    this.#file = file;
  }

  /** Adds the calls of one operation. */
  add(list: CallList, operation: Exclude<Operation, { kind: "remove" }>): void {
    switch (operation.kind) {
      case "directory":
        this.#directory(list, operation);
        break;
      case "file":
        this.#openFile(list, operation.path);
        break;
      case "data":
        this.#data(list, operation);
        break;
      case "seal":
        this.#seal(list, operation);
        break;
      case "hard-link":
        this.#hardLink(list, operation);
        break;
      case "symbolic-link":
        this.#symbolicLink(list, operation);
        break;
      case "node":
        this.#node(list, operation);
        break;
      case "ownership":
        this.#ownership(list, operation);
        break;
      case "finish":
        this.#finish(list, operation);
        break;
    }
  }

  /** Removes what is no directory. */
  unlink(list: CallList, path: ByteString): void {
    const parent = this.#parent(list, path);
    list.call(numbers.unlinkat, pointer1, parent, list.text(baseOf(path)), 0);
  }

  #directory(list: CallList, { path, owner }: Of<"directory">): void {
    const parent = this.#parent(list, path);
    const base = baseOf(path);
    list.call(numbers.mkdirat, pointer1, parent, list.text(base), 0o700);
    const slot = this.#folders.claim(path, parent);
    openFolder(list, parent, base, slot);
    own(list, slot, owner);
  }

  #openFile(list: CallList, path: ByteString): void {
    const parent = this.#parent(list, path);
    const flags = F.O_WRONLY | F.O_CREAT | F.O_EXCL | F.O_NOFOLLOW | F.O_CLOEXEC;
    list.call(numbers.openat, pointer1, parent, list.text(baseOf(path)), flags, 0o600);
    list.into(this.#file);
    this.#position = 0;
  }

  #data(list: CallList, { offset, bytes }: Of<"data">): void {
    if (bytes.length === 0) return;
    if (offset !== this.#position) list.call(numbers.lseek, 0, this.#file, offset, 0 /* SEEK_SET */);
    list.data(this.#file, bytes.length);
    this.#position = offset + bytes.length;
  }

  #seal(list: CallList, { size, attributes }: Of<"seal">): void {
    if (size !== this.#position) list.call(numbers.ftruncate, 0, this.#file, size);
    own(list, this.#file, attributes.owner);
    for (const xattr of attributes.xattrs) setXattr(list, this.#file, xattr);
    setTimes(list, this.#file, attributes.times);
    list.call(numbers.close, 0, this.#file);
  }

  #hardLink(list: CallList, { path, target }: Of<"hard-link">): void {
    const from = this.#parent(list, target);
    const to = this.#folders.slot(list, parentOf(path), from);
    // Without AT_SYMLINK_FOLLOW a symbolic link itself gets another name.
    const [old, name] = [list.text(baseOf(target)), list.text(baseOf(path))];
    list.call(numbers.linkat, pointer1 | pointer3, from, old, to, name, 0);
  }

  #symbolicLink(list: CallList, { path, target, attributes }: Of<"symbolic-link">): void {
    const parent = this.#parent(list, path);
    const base = baseOf(path);
    list.call(numbers.symlinkat, pointer0 | pointer2, list.text(target), parent, list.text(base));
    this.#ownName(list, parent, base, attributes.owner);
    for (const xattr of attributes.xattrs) this.#setXattrOfName(list, parent, base, xattr);
    setTimesOfName(list, parent, base, attributes.times);
  }

  #node(list: CallList, { path, type, device, attributes }: Of<"node">): void {
    const parent = this.#parent(list, path);
    const base = baseOf(path);
    const { owner, xattrs, times } = attributes;
    const number = type === "fifo" ? 0 : F.deviceNumber(device.major, device.minor);
    const name = list.text(base);
    list.call(numbers.mknodat, pointer1, parent, name, fileTypes[type] | (owner.mode & 0o777), number);
    this.#ownName(list, parent, base, owner);
    // Follows links; it has just been made and is none.
    list.call(numbers.fchmodat, pointer1, parent, name, owner.mode);
    for (const xattr of xattrs) this.#setXattrOfName(list, parent, base, xattr);
    setTimesOfName(list, parent, base, times);
  }

  #ownership(list: CallList, { path, owner }: Of<"ownership">): void {
    const slot = this.#folders.known(path);
    if (slot !== undefined) {
      own(list, slot, owner);
      return;
    }
    const parent = this.#parent(list, path);
    const base = baseOf(path);
    refuseLink(list, parent, base);
    this.#ownName(list, parent, base, owner);
    list.call(numbers.fchmodat, pointer1, parent, list.text(base), owner.mode);
  }

  #finish(list: CallList, { path, xattrs, times }: Of<"finish">): void {
    const slot = this.#folders.known(path);
    if (slot !== undefined) {
      for (const xattr of xattrs) setXattr(list, slot, xattr);
      if (times !== undefined) setTimes(list, slot, times);
      return;
    }
    const parent = this.#parent(list, path);
    const base = baseOf(path);
    refuseLink(list, parent, base);
    for (const xattr of xattrs) this.#setXattrOfName(list, parent, base, xattr);
    if (times !== undefined) setTimesOfName(list, parent, base, times);
  }

  #parent(list: CallList, path: ByteString): number {
    return this.#folders.slot(list, parentOf(path));
  }

  #ownName(list: CallList, parent: number, base: string, { uid, gid }: Ownership): void {
    list.call(numbers.fchownat, pointer1, parent, list.text(base), uid, gid, F.AT_SYMLINK_NOFOLLOW);
  }

  /** There is no call with a folder's fd before Linux 6.13 (setxattrat): so the folder becomes the working one. */
  #setXattrOfName(list: CallList, parent: number, base: string, { name, value, required }: Xattr): void {
    list.call(numbers.fchdir, 0, parent);
    const bytes = list.bytes(value);
    list.call(
      numbers.lsetxattr,
      pointer0 | pointer1 | pointer2,
      list.text(base),
      list.text(name),
      bytes,
      value.length,
    );
    if (required) return;
    list.forgive(errno.EOPNOTSUPP);
    list.forgive(errno.EPERM); // `user.` attributes are for files and directories only (xattr(7))
  }
}

/** The last component, which the kernel takes as a name: here it must not mean a folder. */
export function baseOf(path: ByteString): string {
  const base = path.slice(path.lastIndexOf("/") + 1);
  if (base === "" || base === "." || base === "..") throw unusable(path, "its last component is no name");
  return base;
}

function own(list: CallList, fd: number, { uid, gid, mode }: Ownership): void {
  list.call(numbers.fchown, 0, fd, uid, gid);
  list.call(numbers.fchmod, 0, fd, mode);
}

function setXattr(list: CallList, fd: number, { name, value, required }: Xattr): void {
  const bytes = list.bytes(value);
  list.call(numbers.fsetxattr, pointer1 | pointer2, fd, list.text(name), bytes, value.length);
  if (!required) list.forgive(errno.EOPNOTSUPP);
}

function setTimes(list: CallList, fd: number, times: Times): void {
  list.call(numbers.utimensat, pointer2, fd, 0, timespecs(list, times), 0);
}

function setTimesOfName(list: CallList, parent: number, base: string, times: Times): void {
  const [name, at] = [list.text(base), timespecs(list, times)];
  list.call(numbers.utimensat, pointer1 | pointer2, parent, name, at, F.AT_SYMLINK_NOFOLLOW);
}

function timespecs(list: CallList, { atime, mtime }: Times): number {
  return list.words(atime.seconds, atime.nanoseconds, mtime.seconds, mtime.nanoseconds);
}

/** readlink(2) says EINVAL of what is no symbolic link; any other outcome ends the list. */
function refuseLink(list: CallList, parent: number, base: string): void {
  list.call(numbers.readlinkat, pointer1 | pointer2, parent, list.text(base), list.words(0, 0), 1);
  list.expect(0);
  list.forgive(errno.EINVAL);
}
