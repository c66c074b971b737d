/** A measurement as the API tells it (Engine API, ContainerStatsResponse). */

import type { ContainerStats } from "../../engine/container/stats.ts";
import type { BlockIoStats, CgroupStats } from "../../kernel/cgroup/stats/stats.ts";
import { timestamp } from "../timestamp.ts";

/** `total` is the host's memory, which limits who has no limit. */
export function statsJson(now: ContainerStats, before: ContainerStats | undefined, total: number) {
  const { usage } = now;
  return {
    id: now.id,
    name: `/${now.name}`,
    os_type: "linux",
    read: usage ? timestamp(now.time) : timestamp(undefined),
    preread: before?.usage ? timestamp(before.time) : timestamp(undefined),
    pids_stats: usage ? pids(usage.cgroup) : {},
    blkio_stats: blockIo(usage?.cgroup.blkio ?? {}),
    num_procs: 0,
    storage_stats: {},
    cpu_stats: cpu(usage),
    precpu_stats: cpu(before?.usage),
    memory_stats: usage ? memory(usage.cgroup, total) : {},
    ...(usage && Object.keys(usage.networks).length > 0 ? { networks: usage.networks } : {}),
  };
}

function pids({ pids: { current, limit } }: CgroupStats) {
  return { current: current ?? 0, ...(limit === undefined ? {} : { limit }) };
}

function cpu(usage: ContainerStats["usage"]) {
  const { usage: spent, throttling } = usage?.cgroup.cpu ?? {
    usage: { kernel: 0, user: 0 },
    throttling: {},
  };
  return {
    cpu_usage: {
      total_usage: spent.total ?? 0,
      ...("percpu" in spent && spent.percpu ? { percpu_usage: spent.percpu } : {}),
      usage_in_kernelmode: spent.kernel,
      usage_in_usermode: spent.user,
    },
    ...(usage ? { system_cpu_usage: usage.host.total, online_cpus: usage.host.online } : {}),
    throttling_data: {
      periods: throttling.periods ?? 0,
      throttled_periods: throttling.throttledPeriods ?? 0,
      throttled_time: throttling.throttledTime ?? 0,
    },
  };
}

function memory({ memory: { usage, raw = {} } }: CgroupStats, total: number) {
  return {
    usage: usage.usage ?? 0,
    ...(usage.max === undefined ? {} : { max_usage: usage.max }),
    stats: raw,
    ...(usage.failcnt ? { failcnt: usage.failcnt } : {}),
    limit: Math.min(Number(usage.limit) || total, total),
  };
}

function blockIo(stats: BlockIoStats) {
  const list = (entries: BlockIoStats["ioQueueRecursive"]) => entries ?? [];
  return {
    io_service_bytes_recursive: list(stats.ioServiceBytesRecursive),
    io_serviced_recursive: list(stats.ioServicedRecursive),
    io_queue_recursive: list(stats.ioQueueRecursive),
    io_service_time_recursive: list(stats.ioServiceTimeRecursive),
    io_wait_time_recursive: list(stats.ioWaitTimeRecursive),
    io_merged_recursive: list(stats.ioMergedRecursive),
    io_time_recursive: list(stats.ioTimeRecursive),
    sectors_recursive: list(stats.sectorsRecursive),
  };
}
