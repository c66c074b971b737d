/**
 * Reads interfaces, addresses and routes out of the kernel's answers (rtnetlink(7)).
 *
 * Only what brig decides by: whether its bridge is there, and which networks the host already reaches, so
 * that a new subnet does not hide one of them.
 */

import { IFA } from "./address.ts";
import { readAttributes, readText, readU32 } from "./attribute.ts";
import type { Ip, Prefix } from "./ip.ts";
import { IFLA, INFO } from "./link.ts";
import type { Mac } from "./mac.ts";
import { messagesOf, type NetlinkMessage } from "./message.ts";
import { RTA } from "./route.ts";

export interface Link {
  readonly index: number;
  readonly name: string;
  readonly up: boolean;
  readonly mtu: number;
  /** Index of the bridge or bond it belongs to, 0 for none. */
  readonly master: number;
  /** "bridge", "veth", …; physical interfaces have none. */
  readonly kind?: string;
  readonly address?: Mac;
}

export interface HostAddress {
  readonly linkIndex: number;
  readonly address: Prefix;
}

export interface HostRoute {
  readonly destination: Prefix;
  readonly table: number;
  readonly linkIndex?: number;
  readonly gateway?: Ip;
}

export function readLinks(bytes: Uint8Array): Link[] {
  return ofType(bytes, 16).map(({ body }) => {
    const attributes = readAttributes(body.subarray(16));
    const number = (type: number): number => maybeU32(attributes.get(type)) ?? 0;
    const info = attributes.get(IFLA.LINKINFO);
    const kind = info && readAttributes(info).get(INFO.KIND);
    const address = attributes.get(IFLA.ADDRESS);
    return {
      index: readU32(body, 4),
      name: readText(attributes.get(IFLA.IFNAME) ?? new Uint8Array()),
      up: (readU32(body, 8) & 1) !== 0,
      mtu: number(IFLA.MTU),
      master: number(IFLA.MASTER),
      ...(kind && { kind: readText(kind) }),
      ...(address && { address }),
    };
  });
}

/** The interface's own addresses; of a point-to-point link that is not the peer's. */
export function readAddresses(bytes: Uint8Array): HostAddress[] {
  return ofType(bytes, 20).flatMap(({ body }) => {
    const attributes = readAttributes(body.subarray(8));
    const address = attributes.get(IFA.LOCAL) ?? attributes.get(IFA.ADDRESS);
    return address ? [{ linkIndex: readU32(body, 4), address: { address, length: body[1]! } }] : [];
  });
}

/** Those of global scope that stay until they are removed: neither link-local nor given for a time. */
export function readPermanentAddresses(bytes: Uint8Array): HostAddress[] {
  return ofType(bytes, 20).flatMap(({ body }) => {
    const attributes = readAttributes(body.subarray(8));
    const address = attributes.get(IFA.LOCAL) ?? attributes.get(IFA.ADDRESS);
    const flags = maybeU32(attributes.get(IFA.FLAGS)) ?? body[2]!;
    if (!address || body[3] !== universe || !(flags & permanent)) return [];
    return [{ linkIndex: readU32(body, 4), address: { address, length: body[1]! } }];
  });
}

const universe = 0; // RT_SCOPE_UNIVERSE
const permanent = 0x80; // IFA_F_PERMANENT

/** IPv4 and IPv6 unicast routes of every table. */
export function readRoutes(bytes: Uint8Array): HostRoute[] {
  return ofType(bytes, 24).flatMap(({ body }) => {
    const size = addressSizes[body[0]!];
    if (size === undefined || body[7] !== unicast) return [];
    const attributes = readAttributes(body.subarray(12));
    const linkIndex = maybeU32(attributes.get(RTA.OIF));
    const gateway = attributes.get(RTA.GATEWAY);
    const address = attributes.get(RTA.DST) ?? new Uint8Array(size);
    return [
      {
        destination: { address, length: body[1]! },
        table: maybeU32(attributes.get(RTA.TABLE)) ?? body[4]!,
        ...(linkIndex !== undefined && { linkIndex }),
        ...(gateway && { gateway }),
      },
    ];
  });
}

const addressSizes: Readonly<Record<number, number>> = { 2: 4, 10: 16 };
const unicast = 1; // RTN_UNICAST

const ofType = (bytes: Uint8Array, type: number): NetlinkMessage[] =>
  [...messagesOf(bytes)].filter((message) => message.type === type);

const maybeU32 = (value: Uint8Array | undefined): number | undefined =>
  value && value.length >= 4 ? readU32(value) : undefined;
