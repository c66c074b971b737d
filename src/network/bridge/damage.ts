/**
 * What somebody has taken from a bridge network that should be there: a restarted firewall flushes the table, a network
 * service deletes interfaces it has not made, `sysctl --system` turns forwarding off.
 */

import { formatPrefix, prefix } from "../../kernel/netlink/ip.ts";
import type { NetlinkRequest } from "../../kernel/netlink/message.ts";
import type { Family } from "../../kernel/nftables/batch.ts";
import {
  dumpElements,
  dumpRules,
  dumpSets,
  readElements,
  readRules,
  readSets,
} from "../../kernel/nftables/dump.ts";
import type { HostFacts } from "../facts.ts";
import { layoutOf } from "../firewall.ts";
import type { BridgeConfig } from "./config.ts";
import { elementsOf, familiesOf } from "./elements.ts";

/** Asks the kernel; of what is not there nothing comes back. */
export type Ask = (what: string, request: NetlinkRequest) => Promise<Uint8Array>;

/** Each completes the sentence "the network …". */
export async function damageOf(config: BridgeConfig, facts: HostFacts, ask: Ask): Promise<readonly string[]> {
  const link = linkDamage(config, facts);
  const tables: string[] = [];
  for (const family of familiesOf(config)) tables.push(...(await tableDamage(config, family, ask)));
  const forwarding =
    config.internal || facts.forwards ? [] : ["passes nothing on, as net.ipv4.ip_forward is off"];
  return [...link, ...tables, ...forwarding];
}

function linkDamage({ link, ipv4, ipv6 }: BridgeConfig, { links, addresses }: HostFacts): string[] {
  const found = links.find(({ index }) => index === link.index);
  if (found?.name !== link.name) return [`has lost its bridge ${link.name}`];
  const own = addresses.filter(({ linkIndex }) => linkIndex === link.index);
  const has = (text: string) => own.some(({ address }) => formatPrefix(address) === text);
  return [
    ...(found.up ? [] : [`has a bridge ${link.name} that is down`]),
    ...[ipv4, ...(ipv6 ? [ipv6] : [])]
      .map(({ gateway, subnet }) => `${gateway}/${prefix(subnet).length}`)
      .filter((address) => !has(address))
      .map((address) => `has a bridge ${link.name} without the address ${address}`),
  ];
}

async function tableDamage(config: BridgeConfig, family: Family, ask: Ask): Promise<string[]> {
  const reference = { family, table: config.table };
  const table = `the firewall table ${family} ${config.table}`;
  const { sets, chains } = layoutOf(family);
  const found = readSets(await ask(`sets of ${family}`, dumpSets(reference)));
  if (found.length === 0) return [`has lost ${table}`];
  const rules = readRules(await ask(`rules of ${family}`, dumpRules(reference)));
  const damage = sets.filter((name) => !found.includes(name)).map((name) => `has lost ${name} of ${table}`);
  for (const { name, comments } of chains) {
    const now = rules.filter(({ chain }) => chain === name).map(({ comment }) => comment);
    const lost = comments.filter((comment) => !now.includes(comment));
    damage.push(...lost.map((comment) => `has lost the rule "${comment}" of ${table}`));
    if (lost.length === 0 && comments.join() !== now.join())
      damage.push(`has other rules than its own in the chain ${name} of ${table}`);
  }
  for (const [name, { key }] of elementsOf(config, family)) {
    const elements = readElements(await ask(`elements of ${family} ${name}`, dumpElements(reference, name)));
    if (!elements.some((element) => Buffer.compare(element.key, key.bytes) === 0))
      damage.push(`is not in the set ${name} of ${table}`);
  }
  return damage;
}
