/**
 * Forgets connections that the tracker still translates (ctnetlink, linux/netfilter/nfnetlink_conntrack.h).
 *
 * A UDP "connection" lives as long as packets come. Without this a client that keeps sending reaches, after a
 * container was replaced, the address of the old one, or goes on past a port that has been published since.
 * Deleting by part of a tuple exists since Linux 6.9; an older kernel answers EINVAL and forgets nothing, and
 * the entries end by themselves (30 seconds without packets, 120 for a flow).
 */

import { attribute, bigU16, nest, u8, u32 } from "../netlink/attribute.ts";
import { formatIp, type Ip } from "../netlink/ip.ts";
import { flag, type NetlinkRequest } from "../netlink/message.ts";
import { familyNumbers, netfilterHeader, netfilterMessage } from "./batch.ts";

/** Forgets every connection that is answered from the address: those translated to a container that is gone. */
export function forgetTarget(address: Ip): NetlinkRequest {
  const family = address.length === 4 ? familyNumbers.ip : familyNumbers.ip6;
  const source = address.length === 4 ? 1 : 3; // CTA_IP_V4_SRC, CTA_IP_V6_SRC
  const bytes = deletion(family, [
    nest(tuple.reply, nest(tuplePart.ip, attribute(source, address))),
    nest(filter, attribute(filterFlags.orig, u32(0)), attribute(filterFlags.reply, u32(match.sourceAddress))),
  ]);
  return { protocol: "netfilter", bytes, text: `conntrack -D --reply-src ${formatIp(address)}` };
}

/** Forgets every connection to a port of this host, so that the next packet is translated. */
export function forgetPort(family: "ip" | "ip6", protocol: number, port: number): NetlinkRequest {
  const parts = [
    attribute(protocolPart.number, u8(protocol)),
    attribute(protocolPart.destinationPort, bigU16(port)),
  ];
  const flags = match.protocol | match.destinationPort;
  const bytes = deletion(familyNumbers[family], [
    nest(tuple.orig, nest(tuplePart.protocol, ...parts)),
    nest(filter, attribute(filterFlags.orig, u32(flags)), attribute(filterFlags.reply, u32(0))),
  ]);
  return { protocol: "netfilter", bytes, text: `conntrack -D -p ${protocol} --orig-port-dst ${port}` };
}

function deletion(family: number, attributes: readonly Uint8Array[]): Uint8Array {
  const header = netfilterHeader(family);
  header[1] = 1; // version 1: the family counts
  return netfilterMessage((subsystem << 8) | 2, flag.ack, 1, header, attributes);
}

const subsystem = 1; // NFNL_SUBSYS_CTNETLINK
const tuple = { orig: 1, reply: 2 } as const;
const tuplePart = { ip: 1, protocol: 2 } as const;
const protocolPart = { number: 1, destinationPort: 3 } as const;
const filter = 25; // CTA_FILTER
const filterFlags = { orig: 1, reply: 2 } as const;
/** CTA_FILTER_FLAG(…): which parts of the tuple must match. */
const match = { sourceAddress: 1 << 0, protocol: 1 << 3, destinationPort: 1 << 5 } as const;
