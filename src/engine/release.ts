/**
 * What stays on the host between two containers, so that the next one need not make it: the bridge and the firewall
 * table of the default network, the cgroup in which containers' are made, and that of the shims. Here it is taken
 * away: on demand, and when somebody has removed the last container by `brig rm`. `run --rm`, which comes in rows, and
 * programs that use the library leave it.
 *
 * A container that starts meanwhile either has its row first, and then nothing happens here, or it finds the network
 * not ready and waits for the lock to make it anew (`lifecycle.ts`).
 */

import { rmdirSync } from "node:fs";
import { BrigError, messageOf } from "../base/errors.ts";
import { hostPath } from "../kernel/cgroup/cgroup.ts";
import { shimDirectories } from "../kernel/cgroup/leave.ts";
import { removeEmptyCgroups } from "../kernel/cgroup/live/remove-empty.ts";
import { readHierarchy } from "../kernel/cgroup/read-hierarchy.ts";
import { linkExists } from "../kernel/procfs/network.ts";
import { awaitShim } from "./container/alive.ts";
import { cgroupAt } from "./container/cgroup.ts";
import type { ContainerState } from "./container/info.ts";
import { unmountUnused } from "./container/mounted-volumes.ts";
import { type ContainerRecord, listContainers } from "./container/records.ts";
import { type EngineHost, hostSession } from "./host.ts";
import { endOf } from "./ids/range.ts";
import { releaseNetwork } from "./network/release-network.ts";
import { name as network, storedConfig } from "./network/stored-network.ts";
import { hostNames, paths, type Roots } from "./roots.ts";
import { withLock } from "./store/lock.ts";

/** Returns what was taken away, in words. Throws while a container runs, or is about to. */
export async function releaseOnDemand(host: EngineHost): Promise<readonly string[]> {
  const running = listContainers(host.database).find(({ state }) => !idle.has(state));
  if (!running) return releaseHost(host);
  throw new BrigError(
    "conflict",
    `cannot release the host: container ${running.name} is ${running.state}; stop it first`,
  );
}

/** After the last container was removed, which is done whatever comes of this. */
export async function releaseAfter(host: EngineHost, removed: Pick<ContainerRecord, "shim">): Promise<void> {
  await awaitShim(host, removed);
  await releaseHost(host).catch((error) =>
    host.warn(`cannot take the network off the host: ${messageOf(error)}; try brig system release`),
  );
}

const idle: ReadonlySet<ContainerState> = new Set(["created", "exited"]);

/** Does nothing while a container is live. */
async function releaseHost(host: EngineHost): Promise<readonly string[]> {
  return withLock(host, "network", async () => {
    const directories = claim(host);
    const config = storedConfig(host.database);
    if (!directories) return [];
    await unmountUnused(host, () => true);
    const there = config !== undefined && linkExists(config.link.name);
    if (config) await releaseNetwork(host, config);
    const { releasePools } = await import("./ids/pool.ts");
    const pools = await releasePools({ ...host, session: () => hostSession(host) });
    return [
      ...(there ? [`bridge ${config.link.name}`, `firewall table ${config.table}`] : []),
      ...directories.map((directory) => `cgroup ${directory}`),
      ...pools.map((pool) => `host ids ${pool.first}-${endOf(pool) - 1}`),
    ];
  });
}

/** Cgroups are made after the row of a container and so are removed while there can be no new one: it is 0.1 ms. */
function claim(host: EngineHost): readonly string[] | undefined {
  return host.database.transientTransaction(() => {
    if (host.database.get("SELECT 1 FROM container WHERE state NOT IN ('created', 'exited')"))
      return undefined;
    host.database.run("UPDATE network SET boot = NULL WHERE name = ?", network);
    removeRunFolder(host.roots);
    return removeEmptyCgroups(parentsOf(host.roots));
  });
}

function parentsOf(roots: Roots): readonly string[] {
  const hierarchy = readHierarchy();
  return [
    ...cgroupAt(hostNames.cgroup(roots), hierarchy).directories.map(hostPath),
    ...shimDirectories(hierarchy, hostNames.shims(roots)),
  ];
}

/** Of the run directories of containers; there are none. */
function removeRunFolder(roots: Roots): void {
  try {
    rmdirSync(paths.runs(roots));
  } catch {
    // It is not there, or has what somebody else has left.
  }
}
