/**
 * Which address a container gets: the next free one behind the last that was given out, around the range, so
 * that an address is not used again while neighbours and connection trackers still remember its last owner.
 * (Docker takes the lowest free one; in an empty network both begin at the same address.)
 *
 * Never given out: the network's own address, IPv4's broadcast address, and the gateway's.
 */

import { BrigError } from "../base/errors.ts";
import {
  contains,
  formatIp,
  formatPrefix,
  fromInteger,
  type Ip,
  lastOf,
  networkOf,
  type Prefix,
  toInteger,
} from "../kernel/netlink/ip.ts";

export interface Pool {
  readonly subnet: Prefix;
  /** Only addresses of this part of the subnet are given out unasked (`--ip-range`). */
  readonly range?: Prefix;
  readonly gateway: Ip;
}

/** The first host address of a subnet: what Docker gives to the bridge. */
export function defaultGateway(subnet: Prefix): Ip {
  return fromInteger(toInteger(networkOf(subnet).address) + 1n, subnet.address.length);
}

/** `leased` tells whether an address is in use; `last` is the one given out before. Throws `exhausted`. */
export function nextAddress(pool: Pool, leased: (address: string) => boolean, last?: Ip): Ip {
  const range = networkOf(pool.range ?? pool.subnet);
  const first = toInteger(range.address);
  const end = toInteger(lastOf(range));
  const previous = last && contains(range, last) ? toInteger(last) : first - 1n;
  const count = end - first + 1n;
  for (let step = 1n; step <= count; step++) {
    const candidate = first + ((previous - first + step) % count);
    const address = fromInteger(candidate, range.address.length);
    if (!isReserved(pool, address) && !leased(formatIp(address))) return address;
  }
  throw new BrigError("exhausted", `cannot lease an address: no free address in ${formatPrefix(range)}`, {
    code: "no-free-address",
  });
}

/** The address a user asked for (`--ip`); throws when the network does not have it or has given it away. */
export function requestedAddress(pool: Pool, address: Ip, leased: (address: string) => boolean): Ip {
  const text = formatIp(address);
  if (!contains(pool.subnet, address)) {
    throw new BrigError(
      "invalid",
      `cannot lease ${text}: it is not in the network's subnet ${formatPrefix(pool.subnet)}`,
    );
  }
  if (isReserved(pool, address) || leased(text)) {
    throw new BrigError("conflict", `cannot lease ${text}: Address already in use`, {
      code: "address-in-use",
    });
  }
  return address;
}

function isReserved({ subnet, gateway }: Pool, address: Ip): boolean {
  const value = toInteger(address);
  if (value === toInteger(gateway)) return true;
  const hostBits = subnet.address.length * 8 - subnet.length;
  // A subnet of two addresses has neither a network nor a broadcast address (RFC 3021).
  if (hostBits <= 1) return false;
  const isIpv4 = subnet.address.length === 4;
  return value === toInteger(networkOf(subnet).address) || (isIpv4 && value === toInteger(lastOf(subnet)));
}
