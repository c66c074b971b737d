/**
 * Netlink attributes: type, length, value, padded to four bytes (netlink(7), include/uapi/linux/netlink.h).
 *
 * Everything is in the byte order of the machine, which is little endian wherever brig runs; only what the
 * protocols themselves say (addresses, ports, nf_tables numbers) is big endian, and named `big…` here.
 */

import { BrigError } from "../../base/errors.ts";

/**
 * One attribute, header and padding included. Attack: of a longer one the length would be cut to sixteen bits, and its
 * end be read as further attributes (CVE-2021-43784).
 */
export function attribute(type: number, value: Uint8Array): Uint8Array {
  const length = headerSize + value.length;
  if (length > lengthMax)
    throw new BrigError(
      "invalid",
      `cannot encode a netlink attribute of ${length} bytes: it may have ${lengthMax}; use shorter names or fewer elements`,
    );
  const out = new Uint8Array(aligned(length));
  out[0] = length;
  out[1] = length >> 8;
  out[2] = type;
  out[3] = type >> 8;
  out.set(value, headerSize);
  return out;
}

/** An attribute whose value is other attributes. */
export function nest(type: number, ...children: readonly Uint8Array[]): Uint8Array {
  return attribute(type | nestedFlag, concat(children));
}

export const u8 = (value: number): Uint8Array => Uint8Array.of(value);
export const u16 = (value: number): Uint8Array => Uint8Array.of(value, value >> 8);
export const u32 = (value: number): Uint8Array => Uint8Array.of(value, value >> 8, value >> 16, value >> 24);
export const bigU16 = (value: number): Uint8Array => Uint8Array.of(value >> 8, value);
export const bigU32 = (value: number): Uint8Array =>
  Uint8Array.of(value >> 24, value >> 16, value >> 8, value);

/** A string with the zero byte that ends it. */
export const text = (value: string): Uint8Array => new TextEncoder().encode(`${value}\0`);

/** The parts one after the other. */
export function concat(parts: readonly Uint8Array[]): Uint8Array {
  let size = 0;
  for (const part of parts) size += part.length;
  const out = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Values of attributes by type, flags of the type removed; of a repeated type the last one counts. */
export function readAttributes(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const found = new Map<number, Uint8Array>();
  for (const [type, value] of attributesOf(bytes)) found.set(type, value);
  return found;
}

/** Every attribute in order, for lists whose elements share one type. A cut-off attribute ends the walk. */
export function* attributesOf(bytes: Uint8Array): Generator<readonly [type: number, value: Uint8Array]> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at + headerSize <= bytes.length; ) {
    const length = view.getUint16(at, true);
    if (length < headerSize || at + length > bytes.length) return;
    yield [view.getUint16(at + 2, true) & typeMask, bytes.subarray(at + headerSize, at + length)];
    at += aligned(length);
  }
}

/** A string attribute, without the zero byte and what follows it. */
export function readText(value: Uint8Array): string {
  const end = value.indexOf(0);
  return new TextDecoder().decode(end < 0 ? value : value.subarray(0, end));
}

export function readU32(value: Uint8Array, at = 0): number {
  return new DataView(value.buffer, value.byteOffset, value.length).getUint32(at, true);
}

/** Lengths of messages and attributes are rounded up to this before the next one begins. */
export const aligned = (length: number): number => (length + 3) & ~3;

const headerSize = 4;
const lengthMax = 0xffff;
const nestedFlag = 0x8000; // NLA_F_NESTED
const typeMask = 0x3fff; // without NLA_F_NESTED and NLA_F_NET_BYTEORDER
