/**
 * A published port is no listening socket, so another program of the host could still bind it, and would then
 * never be called. Binding a socket that does not listen reserves the port: whoever holds it (the container's
 * supervisor) closes it by ending. EADDRINUSE says that a program of the host was first.
 */

import { bigU16, concat, u16, u32 } from "../../kernel/netlink/attribute.ts";
import { ip } from "../../kernel/netlink/ip.ts";
import { type PublishedPort, protocolNumbers } from "./port.ts";

export interface Reservation {
  /** Arguments of socket(2). SCTP has no module everywhere and is not reserved. */
  readonly family: number;
  readonly type: number;
  readonly protocol: number;
  /** struct sockaddr_in or sockaddr_in6 for bind(2). */
  readonly address: Uint8Array;
}

/** IPv4 for "", which an IPv6 socket of its own would have to accompany. */
export function reservationOf(port: PublishedPort): Reservation | undefined {
  const type = socketTypes[port.protocol];
  if (type === undefined) return undefined;
  const address = ip(port.hostIp === "" ? "0.0.0.0" : port.hostIp);
  const isIpv6 = address.length === 16;
  const family = isIpv6 ? 10 : 2; // AF_INET6, AF_INET
  const head = [u16(family), bigU16(port.hostPort)];
  const bytes = isIpv6 ? [...head, u32(0), address, u32(0)] : [...head, address, new Uint8Array(8)];
  return {
    family,
    type: type | closeOnExec,
    protocol: protocolNumbers[port.protocol],
    address: concat(bytes),
  };
}

const closeOnExec = 0x80000; // SOCK_CLOEXEC
const socketTypes: Readonly<Partial<Record<PublishedPort["protocol"], number>>> = { tcp: 1, udp: 2 };
