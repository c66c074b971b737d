/** Addresses of interfaces (rtnetlink(7), RTM_*ADDR). The interface is always named by its index. */

import { attribute, concat, u8, u32 } from "./attribute.ts";
import { formatIp, formatPrefix, type Ip, type Prefix } from "./ip.ts";
import { dumpFlags, flag, message, type NetlinkRequest } from "./message.ts";

export interface InterfaceAddress {
  /** The address itself, with the length of the network it is in. */
  readonly address: Prefix;
  readonly linkIndex: number;
  readonly broadcast?: Ip;
  /** IPv6: use the address at once, without asking whether somebody else has it. */
  readonly noDuplicateDetection?: boolean;
}

/** EEXIST when the interface has it already. */
export function addAddress(address: InterfaceAddress): NetlinkRequest {
  return request(type.new, flag.create | flag.exclusive, address, "add");
}

/** EADDRNOTAVAIL when the interface does not have it. */
export function deleteAddress(address: InterfaceAddress): NetlinkRequest {
  return request(type.delete, 0, address, "del");
}

/** Asks for all addresses of the namespace; answers are read with `readAddresses`. */
export function dumpAddresses(): NetlinkRequest {
  const header = concat([u32(0), u32(0)]);
  return { protocol: "route", bytes: message(type.get, dumpFlags, 1, header), text: "ip address show" };
}

/** Types of address attributes (IFA_…, include/uapi/linux/if_addr.h). */
export const IFA = { ADDRESS: 1, LOCAL: 2, BROADCAST: 4, FLAGS: 8 } as const;

const type = { new: 20, delete: 21, get: 22 } as const; // RTM_…ADDR
const noDad = 0x02; // IFA_F_NODAD
const families: Readonly<Record<number, number>> = { 4: 2, 16: 10 }; // AF_INET, AF_INET6

function request(messageType: number, flags: number, wanted: InterfaceAddress, verb: string): NetlinkRequest {
  const { address, linkIndex, broadcast, noDuplicateDetection } = wanted;
  // struct ifaddrmsg: family, prefix length, flags, scope (universe), index.
  const family = families[address.address.length]!;
  const header = concat([
    u8(family),
    u8(address.length),
    u8(noDuplicateDetection ? noDad : 0),
    u8(0),
    u32(linkIndex),
  ]);
  const bytes = message(
    messageType,
    flag.request | flag.ack | flags,
    1,
    header,
    attribute(IFA.LOCAL, address.address),
    attribute(IFA.ADDRESS, address.address),
    ...(broadcast ? [attribute(IFA.BROADCAST, broadcast)] : []),
  );
  const words = [
    `ip address ${verb} ${formatPrefix(address)}`,
    ...(broadcast ? [`broadcast ${formatIp(broadcast)}`] : []),
    `dev index ${linkIndex}`,
    ...(noDuplicateDetection ? ["nodad"] : []),
  ];
  return { protocol: "route", bytes, text: words.join(" ") };
}
