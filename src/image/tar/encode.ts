/**
 * From a `TarHeader` to header blocks: ustar where everything fits, else a PAX header in front.
 *
 * The output depends on the header alone, so that equal trees give equal digests. Records are sorted by key.
 */

import { blockSize, checksums, type Field, fields, paddingOf, typeFlagOffset } from "./block.ts";
import { type ByteString, bytesOf, isAscii } from "./byte-string.ts";
import type { EntryKind, TarHeader, Timestamp } from "./entry.ts";
import { malformedEntry } from "./malformed.ts";
import { writeOctal } from "./numbers.ts";
import { formatRecord, formatTime } from "./pax.ts";
import { rawPrefix } from "./xattrs.ts";

const flags: Readonly<Record<EntryKind, string>> = {
  file: "0",
  "hard-link": "1",
  "symbolic-link": "2",
  "character-device": "3",
  "block-device": "4",
  directory: "5",
  fifo: "6",
};

/** The blocks that stand before the content. A directory's name is given a closing slash. */
export function encodeHeader(header: TarHeader): Buffer {
  verifyEntry(header);
  const path = header.kind === "directory" && !header.path.endsWith("/") ? `${header.path}/` : header.path;
  const records = new Map<string, Uint8Array>();
  const block = Buffer.alloc(blockSize);
  const split = splitPath(path);
  if (split === undefined) records.set("path", Buffer.from(path, "latin1"));
  putText(block, "name", split?.name ?? asciiTail(path));
  putText(block, "prefix", split?.prefix ?? "");
  putNumber(block, "mode", header.mode & 0o7777);
  if (!putNumber(block, "uid", header.uid)) records.set("uid", Buffer.from(String(header.uid)));
  if (!putNumber(block, "gid", header.gid)) records.set("gid", Buffer.from(String(header.gid)));
  if (!putNumber(block, "size", header.size)) records.set("size", Buffer.from(String(header.size)));
  const wholeTime = header.mtime.nanoseconds === 0;
  if (!putNumber(block, "mtime", Math.max(header.mtime.seconds, 0)) || header.mtime.seconds < 0 || !wholeTime)
    records.set("mtime", timeRecord(header.mtime));
  putName(block, "linkName", header.linkPath, "linkpath", records);
  putName(block, "userName", header.userName, "uname", records);
  putName(block, "groupName", header.groupName, "gname", records);
  putNumber(block, "deviceMajor", header.device?.major ?? 0);
  putNumber(block, "deviceMinor", header.device?.minor ?? 0);
  if (header.atime !== undefined) records.set("atime", timeRecord(header.atime));
  if (header.ctime !== undefined) records.set("ctime", timeRecord(header.ctime));
  for (const [name, value] of header.xattrs) records.set(rawPrefix + name, value);
  seal(block, flags[header.kind]);
  return records.size === 0 ? block : Buffer.concat([extendedHeader(path, records), block]);
}

/** What a reader would refuse is not written. */
function verifyEntry({ kind, path, linkPath, size }: TarHeader): void {
  const isLink = kind === "hard-link" || kind === "symbolic-link";
  if (path === "" || path.includes("\0")) throw malformedEntry("its name is empty or contains a NUL");
  if (isLink === (linkPath === "") || linkPath.includes("\0"))
    throw malformedEntry("its link target is wrong");
  if (!Number.isSafeInteger(size) || size < 0 || (size > 0 && kind !== "file"))
    throw malformedEntry("its size is wrong");
}

/** A PAX header: itself an entry, whose content are the records. */
function extendedHeader(path: string, records: ReadonlyMap<string, Uint8Array>): Buffer {
  const sorted = [...records].sort(([a], [b]) => (a < b ? -1 : 1));
  // POSIX: names are UTF-8 unless a record before them says that they are bytes.
  const binary = sorted.some(([key, value]) => !key.startsWith(rawPrefix) && !isUtf8Text(value));
  const parts = sorted.map(([key, value]) => formatRecord(key, value));
  if (binary) parts.unshift(formatRecord("hdrcharset", Buffer.from("BINARY")));
  const data = Buffer.concat(parts);
  const block = Buffer.alloc(blockSize);
  putText(block, "name", `PaxHeaders.0/${asciiTail(path)}`.slice(0, fields.name[1]));
  for (const field of ["mode", "uid", "gid", "mtime", "deviceMajor", "deviceMinor"] as const)
    putNumber(block, field, 0);
  putNumber(block, "mode", 0o644);
  putNumber(block, "size", data.length);
  seal(block, "x");
  return Buffer.concat([block, data, Buffer.alloc(paddingOf(data.length))]);
}

/** As name and prefix, divided at a slash; undefined when it does not fit or is not ASCII. */
function splitPath(path: string): { readonly name: string; readonly prefix: string } | undefined {
  if (!isAscii(path)) return undefined;
  if (path.length <= fields.name[1]) return { name: path, prefix: "" };
  const slash = path.indexOf("/", path.length - fields.name[1] - 1);
  if (slash <= 0 || slash > fields.prefix[1] || slash === path.length - 1) return undefined;
  return { name: path.slice(slash + 1), prefix: path.slice(0, slash) };
}

/** What a reader without PAX gets to see of a name. */
function asciiTail(path: string): string {
  return path.slice(-80).replace(/[^\x20-\x7e]/g, "_");
}

function putName(
  block: Buffer,
  field: Field,
  name: ByteString,
  key: string,
  records: Map<string, Uint8Array>,
): void {
  const fits = name.length <= fields[field][1] - (field === "linkName" ? 0 : 1) && isAscii(name);
  putText(block, field, fits ? name : asciiTail(name).slice(0, fields[field][1] - 1));
  if (!fits) records.set(key, bytesOf(name));
}

function putText(block: Buffer, field: Field, text: string): void {
  block.write(text, fields[field][0], fields[field][1], "latin1");
}

function putNumber(block: Buffer, field: Field, value: number): boolean {
  return writeOctal(block, fields[field][0], fields[field][1], value);
}

function seal(block: Buffer, flag: string): void {
  block.write(flag, typeFlagOffset, "latin1");
  block.write("ustar\x0000", 257, "latin1");
  const [start, length] = fields.checksum;
  writeOctal(block, start, length - 1, checksums(block).unsigned);
  block[start + length - 1] = 0x20;
}

function timeRecord(time: Timestamp): Buffer {
  return Buffer.from(formatTime(time), "latin1");
}

function isUtf8Text(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes);
  return Buffer.compare(Buffer.from(text.toString("utf8"), "utf8"), text) === 0;
}
