/** Ethernet addresses: six bytes, and how Docker derives one from an IPv4 address. */

import type { Ip } from "./ip.ts";

export type Mac = Uint8Array;

/** 02:42 and the IPv4 address: locally administered, and stable for an address so that neighbours' caches hold. */
export function macOf(address: Ip): Mac {
  return Uint8Array.of(0x02, 0x42, ...address.subarray(-4));
}

/** "02:42:ac:11:00:02" (or with `-`), or undefined when it is not six pairs of hexadecimal digits. */
export function parseMac(text: string): Mac | undefined {
  return /^[0-9a-f]{2}(?:([:-])[0-9a-f]{2})(?:\1[0-9a-f]{2}){4}$/i.test(text)
    ? Uint8Array.from(text.split(/[:-]/), (pair) => Number.parseInt(pair, 16))
    : undefined;
}

export const formatMac = (mac: Mac): string =>
  Array.from(mac, (byte) => byte.toString(16).padStart(2, "0")).join(":");
