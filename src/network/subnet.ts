/**
 * Which subnet a network gets when nobody names one.
 *
 * The pools are Docker's private ranges, walked the other way: Docker counts up from 172.17.0.0/16 and Podman
 * from 10.88.0.0/16, so brig counts down from 172.30.0.0/16 (172.31 is many a cloud's own network), then
 * through 192.168.0.0/16 in /20s. What the host has an address in, or a route to, is left out. A root that is
 * not the default one begins elsewhere in the list, so that two roots seldom want the same subnet even while
 * the other's bridge is down.
 */

import { BrigError } from "../base/errors.ts";
import { overlaps, type Prefix, prefix } from "../kernel/netlink/ip.ts";

/** `taken`: the host's networks and those of brig; `start` is any number, 0 for the default root. */
export function chooseSubnet(taken: readonly Prefix[], start = 0): Prefix {
  const relevant = taken.filter(({ length }) => length >= shortestRoute);
  const pools = poolsOf();
  for (let i = 0; i < pools.length; i++) {
    const candidate = pools[(start + i) % pools.length]!;
    if (!relevant.some((other) => overlaps(candidate, other))) return candidate;
  }
  const message =
    "cannot choose a subnet: every default one overlaps a network of this host; name one with --subnet";
  throw new BrigError("exhausted", message, { code: "no-free-subnet" });
}

/** A default route, or the two halves of everything that a VPN sets, says nothing about a subnet. */
const shortestRoute = 4;

/** Parsed when they are needed, which is once in the life of a root. */
const poolsOf = (): readonly Prefix[] => [
  ...Array.from({ length: 14 }, (_, i) => prefix(`172.${30 - i}.0.0/16`)),
  ...Array.from({ length: 16 }, (_, i) => prefix(`192.168.${240 - 16 * i}.0/20`)),
];
