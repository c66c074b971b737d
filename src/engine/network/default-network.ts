/** Makes the bridge that every container is in unless told otherwise, and the row that tells of it. */

import { BrigError } from "../../base/errors.ts";
import type { Executor } from "../../kernel/executor/executor.ts";
import { formatPrefix } from "../../kernel/netlink/ip.ts";
import { linkExists } from "../../kernel/procfs/network.ts";
import type { BridgeConfig } from "../../network/bridge/config.ts";
import { bridge } from "../../network/bridge/driver.ts";
import { linkIndex } from "../../network/endpoint.ts";
import { type HostFacts, hostNetworks } from "../../network/facts.ts";
import { chooseSubnet } from "../../network/subnet.ts";
import { hostNames, type Roots } from "../roots.ts";
import { lockHost } from "../store/host-lock.ts";
import { type LockHost, withLock } from "../store/lock.ts";
import { readHost } from "./read-host.ts";
import { stepInstructions } from "./steps.ts";
import { name, readyNetwork, storedConfig } from "./stored-network.ts";

export interface NetworkHost extends LockHost {
  readonly roots: Roots;
  readonly random: (size: number) => Uint8Array;
  /** An executor in the host's namespaces, for as long as the work takes. */
  readonly session: () => Executor;
  readonly boot: string;
  readonly warn: (message: string) => void;
}

/** Makes what is missing of the network; of several brigs one, whose work the others then find. */
export async function makeNetwork(host: NetworkHost): Promise<BridgeConfig> {
  return withLock(host, "network", async () => readyNetwork(host) ?? (await make(host)));
}

async function make(host: NetworkHost): Promise<BridgeConfig> {
  const executor = host.session();
  try {
    await lockHost(executor, lockPath, "lock the host's networks");
    const facts = await readHost(executor);
    const stored = storedConfig(host.database);
    const config = stored && !isObsolete(host, stored, facts) ? stored : newConfig(host, facts);
    for (const finding of bridge.validate(config, facts)) {
      if (finding.severity === "error") throw new BrigError("unavailable", finding.message);
      host.warn(finding.message);
    }
    await executor.run(stepInstructions(bridge.setup.network(config), "host", executor.slots));
    host.database.run("UPDATE network SET boot = ? WHERE name = ?", host.boot, name);
    return config;
  } finally {
    executor.close();
  }
}

/** Brigs of other roots would choose the same subnet when they look at the host at the same time. */
const lockPath = "/run/brig-network.lock";

function newConfig(host: NetworkHost, facts: HostFacts): BridgeConfig {
  const { roots, random } = host;
  // A root that is not the default one begins elsewhere in the pools.
  const start = roots.suffix === "" ? 0 : Number.parseInt(roots.suffix.slice(1), 16);
  const link = { name: hostNames.bridge(roots), index: linkIndex(random) };
  const subnet = formatPrefix(chooseSubnet(hostNetworks(facts, link.name), start));
  const config = bridge.config({ link, table: hostNames.table(roots), subnet });
  host.database.run(
    "INSERT OR REPLACE INTO network (name, config) VALUES (?, ?)",
    name,
    JSON.stringify(config),
  );
  return config;
}

/** Somebody has taken the subnet while nothing of ours was there: another one will do as well. */
function isObsolete({ database }: NetworkHost, config: BridgeConfig, facts: HostFacts): boolean {
  if (linkExists(config.link.name) || database.get("SELECT 1 FROM lease WHERE network = ?", name))
    return false;
  return bridge.validate(config, facts).some(({ severity }) => severity === "error");
}
