/**
 * Extended attributes in PAX records, as star (`SCHILY.xattr.`, raw bytes) and libarchive (`LIBARCHIVE.xattr.`,
 * base64, name URL-encoded) write them. Where both are present the raw form wins: it is the one that Docker reads.
 */

import type { ByteString } from "./byte-string.ts";
import { noXattrs } from "./entry.ts";
import { malformed } from "./malformed.ts";
import type { PaxRecords } from "./pax.ts";

export const rawPrefix = "SCHILY.xattr.";
const encodedPrefix = "LIBARCHIVE.xattr.";

export function xattrsOf(records: PaxRecords): ReadonlyMap<ByteString, Uint8Array> {
  let found: Map<ByteString, Uint8Array> | undefined;
  for (const [key, value] of records) {
    const raw = key.startsWith(rawPrefix);
    if (!raw && !key.startsWith(encodedPrefix)) continue;
    const name = raw ? key.slice(rawPrefix.length) : urlDecode(key.slice(encodedPrefix.length));
    // A NUL decoded from %00 would give the kernel another name than the one the filter saw.
    if (name === "" || name.includes("\0")) throw malformed("an extended attribute has a bad name");
    found ??= new Map();
    if (raw) found.set(name as ByteString, Buffer.from(value));
    else if (!records.has(rawPrefix + name))
      found.set(name as ByteString, Buffer.from(value.toString("latin1"), "base64"));
  }
  return found ?? noXattrs;
}

function urlDecode(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
