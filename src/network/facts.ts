/** What the host has before brig adds to it: read once, as bytes, by whoever can; judged here. */

import { dumpAddresses } from "../kernel/netlink/address.ts";
import {
  type HostAddress,
  type HostRoute,
  type Link,
  readAddresses,
  readLinks,
  readRoutes,
} from "../kernel/netlink/dump.ts";
import { networkOf, type Prefix } from "../kernel/netlink/ip.ts";
import { dumpLinks } from "../kernel/netlink/link.ts";
import type { NetlinkRequest } from "../kernel/netlink/message.ts";
import { dumpRoutes } from "../kernel/netlink/route.ts";
import { dumpChains, type HookedChain, readChains } from "../kernel/nftables/dump.ts";

export interface HostFacts {
  readonly links: readonly Link[];
  readonly addresses: readonly HostAddress[];
  readonly routes: readonly HostRoute[];
  readonly chains: readonly HookedChain[];
  /** net.ipv4.ip_forward */
  readonly forwards: boolean;
  /** Frames on bridges pass the host's IP tables (br_netfilter): loaded by dockerd and by Kubernetes' nodes. */
  readonly bridgeNetfilter: boolean;
}

/** Dumps to send, on the host's side. */
export const factRequests = {
  links: dumpLinks(),
  addresses: dumpAddresses(),
  routes: dumpRoutes(),
  chains: dumpChains(),
} as const satisfies Readonly<Record<string, NetlinkRequest>>;

/** Files to read; one that does not exist reads as "". */
export const factFiles = {
  forwards: "/proc/sys/net/ipv4/ip_forward",
  bridgeNetfilter: "/proc/sys/net/bridge/bridge-nf-call-iptables",
} as const;

export function readFacts(
  answers: Readonly<Record<keyof typeof factRequests, Uint8Array>>,
  files: Readonly<Record<keyof typeof factFiles, string>>,
): HostFacts {
  return {
    links: readLinks(answers.links),
    addresses: readAddresses(answers.addresses),
    routes: readRoutes(answers.routes),
    chains: readChains(answers.chains),
    forwards: files.forwards.trim() === "1",
    bridgeNetfilter: files.bridgeNetfilter.trim() === "1",
  };
}

/** Networks that the host is in or has a route to, except through the interface named. */
export function hostNetworks(facts: HostFacts, except?: string): Prefix[] {
  const ignored = facts.links.find(({ name }) => name === except)?.index;
  return [
    ...facts.addresses
      .filter(({ linkIndex }) => linkIndex !== ignored)
      .map(({ address }) => networkOf(address)),
    ...facts.routes.filter(({ linkIndex }) => linkIndex !== ignored).map(({ destination }) => destination),
  ];
}
