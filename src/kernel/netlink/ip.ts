/**
 * IP addresses as bytes and prefixes as (address, length): 4 bytes are IPv4, 16 are IPv6.
 *
 * Text in and out as RFC 5952 and inet_pton(3): no leading zeros, no octal, an IPv6 zone is refused.
 */

import { BrigError } from "../../base/errors.ts";
import { ipVersion } from "../../base/ip-version.ts";

export type Ip = Uint8Array;

export interface Prefix {
  readonly address: Ip;
  readonly length: number;
}

/** The address, or undefined when the text is not one. */
export function parseIp(text: string): Ip | undefined {
  const version = ipVersion(text);
  if (version === 0 || text.includes("%")) return undefined;
  return version === 4 ? new Uint8Array(text.split(".").map(Number)) : parseIpv6(text);
}

/** The address; throws when the text is not one. */
export function ip(text: string): Ip {
  const address = parseIp(text);
  if (!address) throw new BrigError("invalid", `invalid IP address: '${text}'`);
  return address;
}

export function formatIp(address: Ip): string {
  if (address.length === 4) return address.join(".");
  const groups = Array.from({ length: 8 }, (_, i) => (address[2 * i]! << 8) | address[2 * i + 1]!);
  if (groups.slice(0, 5).every((g) => g === 0) && groups[5] === 0xffff)
    return `::ffff:${address.slice(12).join(".")}`;
  const [start, length] = longestZeroRun(groups);
  const hex = groups.map((group) => group.toString(16));
  if (length < 2) return hex.join(":");
  return `${hex.slice(0, start).join(":")}::${hex.slice(start + length).join(":")}`;
}

/** "172.17.0.0/16"; host bits are kept. Undefined when the text is not a prefix. */
export function parsePrefix(text: string): Prefix | undefined {
  const slash = text.indexOf("/");
  const address = slash < 0 ? undefined : parseIp(text.slice(0, slash));
  const digits = text.slice(slash + 1);
  const length = Number.parseInt(digits, 10);
  // In decimal digits alone, so that no text means what another one means.
  const plain = digits === String(length) && length >= 0;
  return address && plain && length <= address.length * 8 ? { address, length } : undefined;
}

/** The prefix; throws when the text is not one. */
export function prefix(text: string): Prefix {
  const parsed = parsePrefix(text);
  if (!parsed)
    throw new BrigError(
      "invalid",
      `invalid subnet: '${text}'; write it as ADDRESS/LENGTH, such as 10.1.0.0/16`,
    );
  return parsed;
}

export const formatPrefix = ({ address, length }: Prefix): string => `${formatIp(address)}/${length}`;

/** The prefix with its host bits cleared. */
export const networkOf = ({ address, length }: Prefix): Prefix => ({
  address: address.map((byte, i) => byte & maskByte(length, i)),
  length,
});

/** The last address: the broadcast address of IPv4. */
export const lastOf = ({ address, length }: Prefix): Ip =>
  address.map((byte, i) => byte | (~maskByte(length, i) & 0xff));

export function contains(outer: Prefix, address: Ip): boolean {
  if (outer.address.length !== address.length) return false;
  return address.every((byte, i) => ((byte ^ outer.address[i]!) & maskByte(outer.length, i)) === 0);
}

/** Whether two prefixes share an address. */
export function overlaps(a: Prefix, b: Prefix): boolean {
  return a.length <= b.length ? contains(a, b.address) : contains(b, a.address);
}

export const toInteger = (address: Ip): bigint =>
  address.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);

export function fromInteger(value: bigint, size: number): Ip {
  const address = new Uint8Array(size);
  for (let i = size - 1, rest = value; i >= 0; i--, rest >>= 8n) address[i] = Number(rest & 0xffn);
  return address;
}

export const isLoopback = (address: Ip): boolean =>
  address.length === 4 ? address[0] === 127 : toInteger(address) === 1n;

export const isUnspecified = (address: Ip): boolean => address.every((byte) => byte === 0);

const maskByte = (length: number, index: number): number =>
  (0xff00 >> Math.min(8, Math.max(0, length - 8 * index))) & 0xff;

function parseIpv6(text: string): Ip {
  const tail = /(?:^|:)(\d+\.\d+\.\d+\.\d+)$/.exec(text)?.[1];
  const [a, b, c, d] = tail ? tail.split(".").map(Number) : [];
  const plain = tail
    ? `${text.slice(0, -tail.length)}${((a! << 8) | b!).toString(16)}:${((c! << 8) | d!).toString(16)}`
    : text;
  const [head = "", rest] = plain.split("::");
  const groupsOf = (part: string): number[] =>
    part === "" ? [] : part.split(":").map((g) => Number.parseInt(g, 16));
  const front = groupsOf(head);
  const back = rest === undefined ? [] : groupsOf(rest);
  const groups = [...front, ...Array<number>(8 - front.length - back.length).fill(0), ...back];
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

function longestZeroRun(groups: readonly number[]): readonly [start: number, length: number] {
  let best: readonly [number, number] = [0, 0];
  for (let start = 0; start < groups.length; start++) {
    let end = start;
    while (end < groups.length && groups[end] === 0) end++;
    if (end - start > best[1]) best = [start, end - start];
  }
  return best;
}
