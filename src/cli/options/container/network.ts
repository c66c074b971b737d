/** How the container is reached and what it can reach. Port specifications stay text: the network layer reads them. */

import type { Flags } from "../../flags/flag.ts";
import { list } from "../../flags/types/text.ts";
import { toggle } from "../../flags/types/toggle.ts";
import { nameServerList, searchDomainList } from "../values/dns.ts";
import { extraHostList } from "../values/extra-host.ts";
import { macAddress } from "../values/mac.ts";
import { ipv4Address, ipv6Address, networkList } from "../values/network.ts";

export const networkFlags = {
  addHost: { type: extraHostList, help: "Add a line to /etc/hosts (NAME:ADDRESS)" },
  dns: { type: nameServerList, help: "DNS server" },
  dnsOption: { type: list, aliases: ["dns-opt"], help: "Option of the DNS resolver" },
  dnsSearch: { type: searchDomainList, help: "Domain to look for short names in" },
  expose: { type: list, help: "Declare a port or a range of ports, without publishing it" },
  ip: { type: ipv4Address, help: "IPv4 address on the first network" },
  ip6: { type: ipv6Address, help: "IPv6 address on the first network" },
  macAddress: { type: macAddress, help: "Ethernet address on the first network" },
  network: {
    type: networkList,
    aliases: ["net"],
    help: "Network to join (NAME, host, none, container:NAME)",
  },
  networkAlias: { type: list, aliases: ["net-alias"], help: "Further name on the first network" },
  publish: {
    type: list,
    short: "p",
    help: "Make a port reachable from outside ([[ADDRESS:]PORT:]PORT[/PROTOCOL])",
  },
  publishAll: {
    type: toggle,
    short: "P",
    help: "Make every exposed port reachable, at ports the host chooses",
  },
} as const satisfies Flags;
