/** The elements of the table's sets that a bridge network is. */

import { formatIp, lastOf, networkOf, type Prefix, prefix } from "../../kernel/netlink/ip.ts";
import type { Family, Operation } from "../../kernel/nftables/batch.ts";
import { addElements, deleteElements, type Element, interfaceName, join } from "../../kernel/nftables/set.ts";
import { set } from "../firewall.ts";
import type { BridgeConfig } from "./config.ts";

/** No error when they are there already. */
export function joinTable(config: BridgeConfig, family: Family): Operation[] {
  const reference = { family, table: config.table };
  return elementsOf(config, family).map(([name, element]) => addElements(reference, name, [element]));
}

/** No error when they are gone already: what is missing is added first, in the same batch. */
export function leaveTable(config: BridgeConfig, family: Family): Operation[] {
  const reference = { family, table: config.table };
  const deletions = elementsOf(config, family).map(([name, element]) =>
    deleteElements(reference, name, [element]),
  );
  return [...joinTable(config, family), ...deletions];
}

/** The families a network speaks. */
export const familiesOf = ({ ipv6 }: BridgeConfig): readonly Family[] => (ipv6 ? ["ip", "ip6"] : ["ip"]);

/** Each with the set that it is in. */
export function elementsOf(
  config: BridgeConfig,
  family: Family,
): (readonly [set: string, element: Element])[] {
  const bridge = interfaceName(config.link.name);
  const own = family === "ip" ? config.ipv4 : config.ipv6;
  const { internal, masquerade, communication } = config;
  return [
    [set.bridges, { key: bridge }],
    ...(internal ? [] : [[set.outward, { key: bridge }] as const]),
    ...(internal || !masquerade ? [] : [[set.masqueraded, { key: bridge }] as const]),
    ...(communication ? [[set.within, { key: join([bridge, bridge]) }] as const] : []),
    ...(own ? [[set.networks, addressesOf(config.link.name, prefix(own.subnet))] as const] : []),
  ];
}

function addressesOf(bridge: string, subnet: Prefix): Element {
  const { address, length } = networkOf(subnet);
  const at = (bytes: Uint8Array) =>
    join([interfaceName(bridge), { bytes, text: `${formatIp(address)}/${length}` }]);
  return { key: at(address), keyEnd: at(lastOf(subnet)).bytes };
}
