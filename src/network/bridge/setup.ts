/**
 * Makes a bridge network, a container's place in it, and its published ports.
 *
 * The host's end of a veth is created first, with the container's end born in the container's namespace under
 * an index known beforehand, so that everything after it is a constant (kernel/netlink/link.ts tells what the
 * kernel allows in which message, and what it costs).
 */

import { addAddress } from "../../kernel/netlink/address.ts";
import { ip, lastOf, networkOf, prefix } from "../../kernel/netlink/ip.ts";
import { newLink, setLink } from "../../kernel/netlink/link.ts";
import { macOf, parseMac } from "../../kernel/netlink/mac.ts";
import { addRoute, defaultRoute } from "../../kernel/netlink/route.ts";
import { batch } from "../../kernel/nftables/batch.ts";
import type { Place } from "../driver.ts";
import type { Endpoint } from "../endpoint.ts";
import { ensureTable } from "../firewall.ts";
import { loopbackUp } from "../loopback.ts";
import { publish } from "../ports/elements.ts";
import { netlinkStep, type Step, sysctlStep } from "../step.ts";
import type { BridgeConfig, Subnet } from "./config.ts";
import { familiesOf, joinTable } from "./elements.ts";
import { publishFlags, targetOf } from "./target.ts";

/** Every step may be repeated. */
export function network(config: BridgeConfig): readonly Step[] {
  const { link, ipv4, ipv6, table, mtu } = config;
  const settings = { ...link, mtu, address: macOf(ip(ipv4.gateway)) };
  const self = { index: link.index };
  return [
    netlinkStep("host", `create bridge ${link.name}`, newLink(settings, { kind: "bridge" }), {
      tolerate: ["EEXIST"],
    }),
    ...(ipv6 ? [] : [quiet(link)]),
    gatewayStep(config, ipv4),
    ...(ipv6 ? [gatewayStep(config, ipv6)] : []),
    netlinkStep("host", `set bridge ${link.name} up`, setLink(self, { up: true })),
    ...familiesOf(config).map((family) =>
      netlinkStep(
        "host",
        `tell the firewall table ${table} about ${link.name}`,
        batch([...ensureTable({ family, table }), ...joinTable(config, family)]),
      ),
    ),
    sysctlStep(
      "let the host call published ports on 127.0.0.1",
      `net/ipv4/conf/${link.name}/route_localnet`,
      "1",
    ),
    ...(config.internal ? [] : forwardingSteps(config)),
  ];
}

export function endpoint(config: BridgeConfig, wanted: Endpoint | undefined, place: Place): readonly Step[] {
  if (!wanted) return [];
  return [...hostSteps(config, wanted, place), ...containerSteps(config, wanted), ...ports(config, wanted)];
}

/** EEXIST: a port leads to another container. */
export function ports(config: BridgeConfig, { ports: published, ...rest }: Endpoint): readonly Step[] {
  if (published.length === 0) return [];
  const requests = publish(config.table, published, targetOf(rest));
  return requests.map((request) =>
    netlinkStep("host", "publish ports", request, { from: publishFlags(published) }),
  );
}

function hostSteps(config: BridgeConfig, { host, container, mac }: Endpoint, place: Place): Step[] {
  const { mtu, link, communication } = config;
  const ends = newLink(
    { ...host, mtu, queues: 1 },
    {
      kind: "veth",
      peer: { ...container, address: parseMac(mac)!, mtu, namespaceFd: place.namespaceFd, queues: 1 },
    },
  );
  const port = setLink({ index: host.index }, { master: link.index, up: true });
  // Only frames that br_netfilter translates leave by the port they came from; elsewhere the host routes them.
  const options = {
    ...(place.bridgeNetfilter && { hairpin: true }),
    ...(!communication && { isolated: true }),
  };
  return [
    netlinkStep("host", `create ${host.name} and the container's ${container.name}`, ends),
    quiet(host),
    netlinkStep("host", `connect ${host.name} to ${link.name}`, port),
    ...(Object.keys(options).length > 0
      ? [
          netlinkStep(
            "host",
            `set the options of bridge port ${host.name}`,
            setLink(host, { bridgePort: options }),
          ),
        ]
      : []),
  ];
}

function containerSteps(config: BridgeConfig, endpoint: Endpoint): Step[] {
  const { container, address, address6, defaultRoute: hasRoute } = endpoint;
  const { name, index: linkIndex } = container;
  const gateways = hasRoute && !config.internal ? [config.ipv4, ...(config.ipv6 ? [config.ipv6] : [])] : [];
  return [
    loopbackUp(),
    ...(address6 ? [] : [quiet(container, "container")]),
    netlinkStep("container", `set ${name} up`, setLink({ index: linkIndex }, { up: true })),
    ...[address, ...(address6 ? [address6] : [])].map((text) =>
      netlinkStep(
        "container",
        `give ${name} the address ${text}`,
        addAddress(interfaceAddress(text, linkIndex)),
      ),
    ),
    ...gateways.map(({ gateway }) =>
      netlinkStep("container", `route through ${gateway}`, addRoute(defaultRoute(ip(gateway), linkIndex))),
    ),
  ];
}

/** Without this an interface that is set up announces an IPv6 address that nobody asked for. */
function quiet({ name, index }: Endpoint["host"], side: "host" | "container" = "host"): Step {
  return netlinkStep(
    side,
    `keep ${name} from making IPv6 addresses`,
    setLink({ index }, { noAutomaticIpv6: true }),
  );
}

function gatewayStep({ link }: BridgeConfig, { subnet, gateway }: Subnet): Step {
  const { length } = prefix(subnet);
  const address = interfaceAddress(`${gateway}/${length}`, link.index);
  return netlinkStep("host", `give ${link.name} the gateway's address ${gateway}`, addAddress(address), {
    tolerate: ["EEXIST"],
  });
}

/** Nobody else in a subnet of ours can have an address of ours: IPv6 need not wait to find out. */
function interfaceAddress(text: string, linkIndex: number) {
  const address = prefix(text);
  if (address.address.length === 16) return { address, linkIndex, noDuplicateDetection: true };
  return { address, linkIndex, ...(address.length < 31 && { broadcast: lastOf(networkOf(address)) }) };
}

function forwardingSteps({ ipv6 }: BridgeConfig): Step[] {
  const why = "let the host pass on packets between containers and the world";
  return [
    sysctlStep(why, "net/ipv4/ip_forward", "1"),
    ...(ipv6 ? [sysctlStep(why, "net/ipv6/conf/all/forwarding", "1")] : []),
  ];
}
