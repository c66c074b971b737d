/** What a container uses now: of its cgroup, its network, and beside it what the host has spent. */

import { type CgroupStats, readStats } from "../../kernel/cgroup/stats/stats.ts";
import { type HostCpuTime, hostCpuTime } from "../../kernel/procfs/cpu-time.ts";
import { networkTraffic, type Traffic } from "../../kernel/procfs/network-traffic.ts";
import type { EngineHost } from "../host.ts";
import { type ContainerRecord, isLive, runningCgroup } from "./records.ts";

/** A measurement of what a container uses. */
export interface ContainerStats {
  readonly id: string;
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** Absent while it does not run. */
  readonly usage?: {
    readonly cgroup: CgroupStats;
    readonly host: HostCpuTime;
    readonly networks: Readonly<Record<string, Traffic>>;
  };
}

export function containerStats(host: EngineHost, record: ContainerRecord): ContainerStats {
  const { id, name, pid, endpoint } = record;
  const common = { id, name, time: host.now() };
  if (!isLive(record) || !record.cgroup) return common;
  return {
    ...common,
    usage: {
      cgroup: readStats(runningCgroup(record)),
      host: hostCpuTime(),
      networks: pid === undefined || endpoint === undefined ? {} : networkTraffic(pid),
    },
  };
}
