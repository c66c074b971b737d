/**
 * From a header block and the extended headers before it to the one `TarHeader` the rest of brig knows.
 *
 * Precedence as in POSIX and Go: GNU long names, over the file's own PAX records, over global PAX records, over
 * the block.
 */

import { type Dialect, dialectOf, type Field, fieldNumber, fieldText } from "./block.ts";
import type { ByteString } from "./byte-string.ts";
import { isAscii } from "./byte-string.ts";
import { type DeviceNumber, type EntryKind, noXattrs, type TarHeader, type Timestamp } from "./entry.ts";
import { malformed } from "./malformed.ts";
import { type PaxRecords, paxInteger, paxTime } from "./pax.ts";
import { xattrsOf } from "./xattrs.ts";

/** What came before the header block of one file. */
export interface Extensions {
  readonly pax: PaxRecords;
  readonly longPath?: ByteString;
  readonly longLink?: ByteString;
}

/** POSIX type flags, and `7` (contiguous), which is a file wherever it is not special. */
const kinds: Readonly<Record<string, EntryKind>> = {
  "\0": "file",
  "0": "file",
  "1": "hard-link",
  "2": "symbolic-link",
  "3": "character-device",
  "4": "block-device",
  "5": "directory",
  "6": "fifo",
  "7": "file",
  S: "file",
  D: "directory",
};

/** Bytes of data that follow the block: the size field, or the PAX record in its place. */
export function storedSize(block: Buffer, pax: PaxRecords): number {
  const record = pax.get("size");
  const size =
    record === undefined || record.length === 0
      ? fieldNumber(block, "size", "size of an entry")
      : paxInteger(record, "size of an entry");
  // A negative size would move the reader backwards: the same bytes, read twice, as two different entries.
  if (size < 0) throw malformed("the size of an entry is negative");
  return size;
}

/** The header; `size` is the size of the content as it will be on disk. */
export function decodeHeader(block: Buffer, flag: string, size: number, extensions: Extensions): TarHeader {
  const { pax } = extensions;
  const dialect = dialectOf(block);
  const path =
    extensions.longPath ??
    recordText(pax, "GNU.sparse.name") ??
    recordText(pax, "path") ??
    blockPath(block, dialect);
  if (path === "") throw malformed("an entry has no name");
  const kind = kindOf(flag, path);
  const isLink = kind === "hard-link" || kind === "symbolic-link";
  const linkPath = !isLink
    ? ("" as ByteString)
    : (extensions.longLink ?? recordText(pax, "linkpath") ?? fieldText(block, "linkName"));
  if (isLink && linkPath === "") throw malformed("a link has no target");
  // Readers disagree on whether a link with a size is followed by data, hence on every entry after it.
  if (size > 0 && (isLink || (kind === "directory" && flag !== "5" && flag !== "D")))
    throw malformed("an entry that has no content has a size");
  const header: Mutable<TarHeader> = {
    kind,
    path,
    linkPath,
    mode: fieldNumber(block, "mode", "mode of an entry") & 0o7777,
    uid: recordInteger(pax, "uid") ?? fieldNumber(block, "uid", "owner of an entry"),
    gid: recordInteger(pax, "gid") ?? fieldNumber(block, "gid", "group of an entry"),
    userName: recordText(pax, "uname") ?? ownerName(block, dialect, "userName"),
    groupName: recordText(pax, "gname") ?? ownerName(block, dialect, "groupName"),
    size: kind === "file" ? size : 0,
    mtime: recordTime(pax, "mtime") ?? wholeSeconds(fieldNumber(block, "mtime", "time of an entry")),
    xattrs: pax.size === 0 ? noXattrs : xattrsOf(pax),
  };
  const atime = recordTime(pax, "atime") ?? blockTime(block, dialect, "AccessTime");
  if (atime !== undefined) header.atime = atime;
  const ctime = recordTime(pax, "ctime") ?? blockTime(block, dialect, "ChangeTime");
  if (ctime !== undefined) header.ctime = ctime;
  if (kind === "character-device" || kind === "block-device") header.device = deviceOf(block, pax);
  return header;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function ownerName(block: Buffer, dialect: Dialect, field: "userName" | "groupName"): ByteString {
  return dialect === "v7" ? ("" as ByteString) : fieldText(block, field);
}

function kindOf(flag: string, path: string): EntryKind {
  const kind = kinds[flag];
  if (kind === undefined) throw malformed(`an entry has the unknown type ${JSON.stringify(flag)}`);
  // Before POSIX a directory was a file whose name ends in a slash.
  return kind === "file" && path.endsWith("/") ? "directory" : kind;
}

function blockPath(block: Buffer, dialect: Dialect): ByteString {
  const name = fieldText(block, "name");
  const prefix = prefixes[dialect](block);
  return prefix === "" ? name : (`${prefix}/${name}` as ByteString);
}

const prefixes: Readonly<Record<Dialect, (block: Buffer) => ByteString>> = {
  v7: () => "" as ByteString,
  ustar: (block) => fieldText(block, "prefix"),
  star: (block) => fieldText(block, "starPrefix"),
  gnu: strayPrefix,
};

/**
 * Go before 1.8 wrote a prefix into GNU headers, where the times are; images of that age still exist. What is
 * not a number there and is plain ASCII is such a prefix (archive/tar does the same).
 */
function strayPrefix(block: Buffer): ByteString {
  const first = block[345]!;
  if (first === 0 || (first & 0x80) !== 0 || /^[ 0-7]{0,11}[ \0]/.test(block.toString("latin1", 345, 357)))
    return "" as ByteString;
  const prefix = fieldText(block, "prefix");
  return isAscii(prefix) ? prefix : ("" as ByteString);
}

const timeFields: Readonly<Partial<Record<Dialect, Readonly<Record<"AccessTime" | "ChangeTime", Field>>>>> = {
  gnu: { AccessTime: "gnuAccessTime", ChangeTime: "gnuChangeTime" },
  star: { AccessTime: "starAccessTime", ChangeTime: "starChangeTime" },
};

function blockTime(
  block: Buffer,
  dialect: Dialect,
  which: "AccessTime" | "ChangeTime",
): Timestamp | undefined {
  const field = timeFields[dialect]?.[which];
  if (field === undefined || (dialect === "gnu" && strayPrefix(block) !== "")) return undefined;
  if (fieldText(block, field) === "") return undefined;
  return wholeSeconds(fieldNumber(block, field, "time of an entry"));
}

/** The kernel has 12 bits for the major number and 20 for the minor; anything else would name another device. */
function deviceOf(block: Buffer, pax: PaxRecords): DeviceNumber {
  const what = "number of a device";
  const major = recordInteger(pax, "SCHILY.devmajor") ?? fieldNumber(block, "deviceMajor", what);
  const minor = recordInteger(pax, "SCHILY.devminor") ?? fieldNumber(block, "deviceMinor", what);
  if (major < 0 || major >= 2 ** 12 || minor < 0 || minor >= 2 ** 20)
    throw malformed("the number of a device is out of range");
  return { major, minor };
}

/** An empty record means: what the block says. */
function record(pax: PaxRecords, key: string): Buffer | undefined {
  if (pax.size === 0) return undefined;
  const value = pax.get(key);
  return value === undefined || value.length === 0 ? undefined : value;
}

function recordText(pax: PaxRecords, key: string): ByteString | undefined {
  return record(pax, key)?.toString("latin1") as ByteString | undefined;
}

function recordInteger(pax: PaxRecords, key: string): number | undefined {
  const value = record(pax, key);
  return value === undefined ? undefined : paxInteger(value, key);
}

function recordTime(pax: PaxRecords, key: string): Timestamp | undefined {
  const value = record(pax, key);
  return value === undefined ? undefined : paxTime(value, key);
}

function wholeSeconds(seconds: number): Timestamp {
  return { seconds, nanoseconds: 0 };
}
