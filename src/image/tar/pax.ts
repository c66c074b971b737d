/**
 * PAX extended header records: `LENGTH KEY=VALUE\n`, where LENGTH counts the whole record.
 *
 * POSIX.1-2017 pax, "pax Header Block". Values stay bytes: an xattr is binary, and a name need not be UTF-8
 * (`hdrcharset=BINARY` says so; names are never converted here, so there is nothing to switch).
 */

import type { ByteString } from "./byte-string.ts";
import type { Timestamp } from "./entry.ts";
import { malformed } from "./malformed.ts";

export type PaxRecords = ReadonlyMap<string, Buffer>;

/** Records about one file fit in a few KiB; the limit is Go's, so what Docker reads, brig reads. */
export const paxLimit = 1024 * 1024;

/** The records of one extended header; a later record overrides an earlier one of the same key. */
export function parsePax(data: Buffer): PaxRecords {
  const records = new Map<string, Buffer>();
  const sparse: string[] = [];
  for (let at = 0; at < data.length; ) {
    const record = parseRecord(data, at);
    at = record.end;
    const half = sparseHalves.indexOf(record.key);
    if (half < 0) {
      records.set(record.key, record.value);
      continue;
    }
    // GNU sparse 0.0 repeats two keys in turn, which a map cannot hold: they become the 0.1 form.
    if (half !== sparse.length % 2) throw malformed("the sparse map of a PAX header is out of order");
    sparse.push(record.value.toString("latin1"));
  }
  if (sparse.length > 0) records.set("GNU.sparse.map", Buffer.from(sparse.join(","), "latin1"));
  return records;
}

const sparseHalves: readonly string[] = ["GNU.sparse.offset", "GNU.sparse.numbytes"];

/** Records whose values are names: a NUL would cut them short in the kernel, after every check has passed. */
const nameKeys: ReadonlySet<string> = new Set(["path", "linkpath", "uname", "gname", "GNU.sparse.name"]);

function parseRecord(
  data: Buffer,
  start: number,
): { readonly key: string; readonly value: Buffer; readonly end: number } {
  let at = start;
  let length = 0;
  for (; at < data.length && at < start + 10; at++) {
    const digit = data[at]! - 0x30;
    if (digit < 0 || digit > 9) break;
    length = length * 10 + digit;
  }
  const end = start + length;
  // The length is the attacker's: it must cover its own digits and end inside the data, at a newline.
  if (at === start || data[at] !== 0x20 || end > data.length || end <= at + 1 || data[end - 1] !== 0x0a)
    throw malformed("a PAX record has a wrong length");
  const equals = data.indexOf(0x3d, at + 1);
  if (equals <= at + 1 || equals >= end - 1) throw malformed("a PAX record has no key");
  const key = data.toString("latin1", at + 1, equals);
  const value = data.subarray(equals + 1, end - 1);
  if (key.includes("\0") || (nameKeys.has(key) && value.includes(0)))
    throw malformed("a PAX record has a NUL in a name");
  return { key, value, end };
}

/** One record, its length in front. The digits of the length count too, which may add a digit. */
export function formatRecord(key: string, value: Uint8Array): Buffer {
  const rest = Buffer.byteLength(key, "latin1") + value.length + 3; // blank, equals sign, newline
  let length = rest + String(rest).length;
  if (String(length).length !== String(rest).length) length = rest + String(length).length;
  return Buffer.concat([Buffer.from(`${length} ${key}=`, "latin1"), value, Buffer.from("\n")]);
}

/** "1700000000", "-3" → integer. */
export function paxInteger(value: Buffer, what: string): number {
  const text = value.toString("latin1");
  const number = /^-?\d{1,19}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(number)) throw malformed(`the ${what} of a PAX header is not a number`);
  if (!Number.isSafeInteger(number)) throw malformed(`the ${what} of a PAX header is too large`);
  return number;
}

/** "1700000000.25" → seconds and nanoseconds; finer fractions are cut off. */
export function paxTime(value: Buffer, what: string): Timestamp {
  const match = /^(-?)(\d{1,15})(?:\.(\d*))?$/.exec(value.toString("latin1"));
  if (!match) throw malformed(`the ${what} of a PAX header is not a time`);
  const seconds = Number(match[2]);
  const nanoseconds = Number((match[3] ?? "").slice(0, 9).padEnd(9, "0"));
  if (match[1] === "") return { seconds, nanoseconds };
  return nanoseconds === 0
    ? { seconds: 0 - seconds, nanoseconds }
    : { seconds: -seconds - 1, nanoseconds: 1e9 - nanoseconds };
}

export function formatTime({ seconds, nanoseconds }: Timestamp): ByteString {
  const negative = seconds < 0 && nanoseconds > 0;
  const whole = negative ? seconds + 1 : seconds;
  const fraction = negative ? 1e9 - nanoseconds : nanoseconds;
  const sign = negative && whole === 0 ? "-" : "";
  const digits = fraction === 0 ? "" : `.${String(fraction).padStart(9, "0").replace(/0+$/, "")}`;
  return `${sign}${whole}${digits}` as ByteString;
}
