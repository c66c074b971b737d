/** What statx(2) tells of a file: the structure, decoded, and the calls that fill it. */

import * as F from "../../kernel/abi/files.ts";
import { type CallList, callNumbers, pointer1 } from "../../kernel/program/call-list.ts";
import type { DeviceNumber, EntryKind, Timestamp } from "../tar/entry.ts";

export interface FileStat {
  readonly kind: Exclude<EntryKind, "hard-link"> | "socket";
  /** 0 to 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes; of a file only. */
  readonly size: number;
  /** Whether it holds less than its size: it has holes. */
  readonly sparse: boolean;
  readonly mtime: Timestamp;
  readonly atime: Timestamp;
  readonly ctime: Timestamp;
  readonly links: number;
  /** The same for two names of one file, and for no others, while both exist. */
  readonly identity: string;
  /** Of a device. */
  readonly device: DeviceNumber;
  /** Something is mounted there. */
  readonly mountRoot: boolean;
}

/** struct statx; the kernel writes all of it. */
export const statSize = 256;

const numbers = callNumbers("statx");
const STATX_BASIC_STATS = 0x7ff;
const STATX_ATTR_MOUNT_ROOT = 0x2000;
const AT_NO_AUTOMOUNT = 0x800;

/** Asks for `name` beneath a folder, not following it, or for the folder itself where it is empty. */
export function statInto(list: CallList, folder: number, name: string, place: number): void {
  const flags = F.AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | (name === "" ? F.AT_EMPTY_PATH : 0);
  list.call(numbers.statx, pointer1, folder, list.text(name), flags, STATX_BASIC_STATS);
  list.writes(4, place);
}

/** Undefined where nothing was written: the call failed. */
export function statAt(bytes: Buffer, at: number): FileStat | undefined {
  const mode = bytes.readUInt16LE(at + 28);
  const kind = kinds[mode & F.S_IFMT];
  if (kind === undefined) return undefined;
  const size = kind === "file" ? number64(bytes, at + 40) : 0;
  return {
    kind,
    mode: mode & 0o7777,
    uid: bytes.readUInt32LE(at + 20),
    gid: bytes.readUInt32LE(at + 24),
    size,
    sparse: number64(bytes, at + 48) * 512 < size,
    atime: timeAt(bytes, at + 64),
    ctime: timeAt(bytes, at + 96),
    mtime: timeAt(bytes, at + 112),
    links: bytes.readUInt32LE(at + 16),
    identity: bytes.toString("latin1", at + 32, at + 40) + bytes.toString("latin1", at + 136, at + 144),
    device: { major: bytes.readUInt32LE(at + 128), minor: bytes.readUInt32LE(at + 132) },
    mountRoot: (bytes.readUInt32LE(at + 8) & STATX_ATTR_MOUNT_ROOT) !== 0,
  };
}

const kinds: Readonly<Record<number, FileStat["kind"]>> = {
  [F.S_IFREG]: "file",
  [F.S_IFDIR]: "directory",
  [F.S_IFLNK]: "symbolic-link",
  [F.S_IFCHR]: "character-device",
  [F.S_IFBLK]: "block-device",
  [F.S_IFIFO]: "fifo",
  26411: "socket",
};

function number64(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32;
}

function timeAt(bytes: Buffer, at: number): Timestamp {
  return {
    seconds: bytes.readUInt32LE(at) + bytes.readInt32LE(at + 4) * 2 ** 32,
    nanoseconds: bytes.readUInt32LE(at + 8),
  };
}
