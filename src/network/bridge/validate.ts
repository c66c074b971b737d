/** What on this host is in the way of a bridge network. */

import { formatPrefix, overlaps, prefix } from "../../kernel/netlink/ip.ts";
import type { HookedChain } from "../../kernel/nftables/dump.ts";
import type { Finding } from "../driver.ts";
import { type HostFacts, hostNetworks } from "../facts.ts";
import type { BridgeConfig } from "./config.ts";

export function validate(config: BridgeConfig, facts: HostFacts): readonly Finding[] {
  return [linkFindings, overlapFindings, forwardFindings, routerFindings].flatMap((find) =>
    find(config, facts),
  );
}

/** A Linux bridge has this many ports (BR_MAX_PORTS, one is not used). */
export const maximumPorts = 1023;

function linkFindings({ link }: BridgeConfig, { links }: HostFacts): Finding[] {
  const found = links.find(({ name }) => name === link.name);
  if (!found) return [];
  if (found.kind !== "bridge") {
    return [
      error(`interface ${link.name} exists and is no bridge; choose another name for the network's bridge`),
    ];
  }
  if (found.index !== link.index) {
    return [error(`bridge ${link.name} exists and is not brig's; delete it, or choose another name`)];
  }
  const ports = links.filter(({ master }) => master === found.index).length;
  if (ports < maximumPorts) return [];
  return [error(`bridge ${link.name} has ${ports} containers and can take no more; use another network`)];
}

function overlapFindings({ link, ipv4, ipv6 }: BridgeConfig, facts: HostFacts): Finding[] {
  const others = hostNetworks(facts, link.name).filter(({ length }) => length > 0);
  return [ipv4, ipv6].flatMap((own) => {
    const other = own && others.find((network) => overlaps(prefix(own.subnet), network));
    if (!other) return [];
    return [
      error(
        `subnet ${own.subnet} overlaps ${formatPrefix(other)}, which this host already reaches; choose another with --subnet`,
      ),
    ];
  });
}

/**
 * Another table that drops what the host forwards also drops what containers send and get. brig does not open
 * other people's firewalls; it says what would.
 */
function forwardFindings({ link, internal }: BridgeConfig, { chains }: HostFacts): Finding[] {
  if (internal) return [];
  return chains.filter(dropsForwarded).map(({ family, table, name }) => {
    const tool = family === 10 ? "ip6tables" : "iptables";
    const rule = (flag: string): string => `'${tool} -I FORWARD ${flag} ${link.name} -j ACCEPT'`;
    // Chains under iptables' names were made by it, Docker's policy among them.
    const remedy = name === "FORWARD" ? `${rule("-i")} and ${rule("-o")}` : "a rule in that firewall";
    return {
      severity: "warning",
      message: `chain ${name} of the firewall table ${table} drops what the host forwards, and so what containers on ${link.name} send and get; allow it with ${remedy}`,
    };
  });
}

/** Without forwarding no packet leaves a bridge; with it the host is a router for its neighbours as well. */
function routerFindings({ link, internal }: BridgeConfig, { forwards }: HostFacts): Finding[] {
  if (internal || forwards) return [];
  return [
    {
      severity: "warning",
      message: `containers on ${link.name} need net.ipv4.ip_forward, which is off and is turned on now; the host then forwards for its neighbours too, unless its firewall forbids it`,
    },
  ];
}

const dropsForwarded = ({ hook, policy }: HookedChain): boolean => hook === "forward" && policy === "drop";

const error = (message: string): Finding => ({
  severity: "error",
  message: `cannot use the network: ${message}`,
});
