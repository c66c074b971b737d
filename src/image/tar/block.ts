/**
 * The 512-byte header block: where its fields are, its checksum, and which dialect wrote it.
 *
 * POSIX.1-2017 pax "ustar Interchange Format"; GNU tar manual, "Basic Tar Format"; star(5).
 */

import type { ByteString } from "./byte-string.ts";
import { malformed } from "./malformed.ts";
import { readNumber } from "./numbers.ts";

export const blockSize = 512;

/** Field → [offset, length]. */
export const fields = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  linkName: [157, 100],
  userName: [265, 32],
  groupName: [297, 32],
  deviceMajor: [329, 8],
  deviceMinor: [337, 8],
  prefix: [345, 155],
  starPrefix: [345, 131],
  gnuAccessTime: [345, 12],
  gnuChangeTime: [357, 12],
  starAccessTime: [476, 12],
  starChangeTime: [488, 12],
} as const;

export type Field = keyof typeof fields;

export const typeFlagOffset = 156;

/** v7 knows neither owner names nor devices; star is ustar with a shorter prefix, and times after it. */
export type Dialect = "v7" | "ustar" | "star" | "gnu";

export function dialectOf(block: Buffer): Dialect {
  const magic = block.toString("latin1", 257, 265);
  if (magic === "ustar  \0") return "gnu";
  if (!magic.startsWith("ustar\0")) return "v7";
  return block.toString("latin1", 508, 512) === "tar\0" ? "star" : "ustar";
}

/** The text of a field, up to its first NUL. */
export function fieldText(block: Buffer, field: Field): ByteString {
  const [start, length] = fields[field];
  if (block[start] === 0) return "" as ByteString;
  const end = block.indexOf(0, start);
  const within = end < 0 || end > start + length ? start + length : end;
  return block.toString("latin1", start, within) as ByteString;
}

export function fieldNumber(block: Buffer, field: Field, what: string): number {
  const [start, length] = fields[field];
  return readNumber(block, start, length, what);
}

export function isZeroBlock(block: Buffer): boolean {
  for (let at = 0; at < blockSize; at++) if (block[at] !== 0) return false;
  return true;
}

/**
 * Throws unless the block adds up; the checksum field itself counts as blanks. Some old writers added signed
 * bytes, so either sum is accepted, as in every reader.
 */
export function verifyChecksum(block: Buffer): void {
  const { unsigned, signed } = checksums(block);
  const stored = fieldNumber(block, "checksum", "checksum of a header");
  // Without this check a reader that lost its place would take file content for headers, and content is
  // chosen by whoever built the layer.
  if (stored !== unsigned && stored !== signed) throw malformed("a header does not match its checksum");
}

export function checksums(block: Uint8Array): { readonly unsigned: number; readonly signed: number } {
  const [start, length] = fields.checksum;
  let sum = 0;
  let high = 0;
  for (let at = 0; at < blockSize; at++) {
    const byte = block[at]!;
    sum += byte;
    high += byte >> 7;
  }
  for (let at = start; at < start + length; at++) {
    sum += 0x20 - block[at]!;
    high -= block[at]! >> 7;
  }
  return { unsigned: sum, signed: sum - 256 * high };
}

/** Bytes between the end of content and the next block. */
export function paddingOf(size: number): number {
  const rest = size % blockSize;
  return rest === 0 ? 0 : blockSize - rest;
}
