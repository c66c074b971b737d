/** Ethernet addresses: six bytes, and how Docker derives one from an IPv4 address. */

import type { Ip } from "./ip.ts";

export type Mac = Uint8Array;

/** 02:42 and the IPv4 address: locally administered, and stable for an address so that neighbours' caches hold. */
export function macOf(address: Ip): Mac {
  return Uint8Array.of(0x02, 0x42, ...address.subarray(-4));
}

/** "02:42:ac:11:00:02" (or with `-`), or undefined when it is not six pairs of hexadecimal digits. */
export function parseMac(text: string): Mac | undefined {
  const pairs = text.split(text[2] === "-" ? "-" : ":");
  if (pairs.length !== 6 || !pairs.every(isPair)) return undefined;
  return new Uint8Array(pairs.map((pair) => Number.parseInt(pair, 16)));
}

export const formatMac = (mac: Mac): string =>
  [...mac].map((byte) => byte.toString(16).padStart(2, "0")).join(":");

/** Without a regular expression: this is on the way of every start, where compiling one takes longer. */
const isPair = (text: string): boolean =>
  text.length === 2 && hexDigits.includes(text[0]!) && hexDigits.includes(text[1]!);

const hexDigits = "0123456789abcdefABCDEF";
