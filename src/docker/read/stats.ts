/** A measurement as the API tells it → as the engine does: the inverse of stats/stats.ts. */

import type { ContainerStats } from "../../engine/container/stats.ts";
import type { MemoryEntry } from "../../kernel/cgroup/stats/stats.ts";
import { integer, text, uint32, uint64 } from "../../spec/schema/scalars.ts";
import { defaulted, list, looseObject, omitEmpty, optional, record } from "../../spec/schema/schema.ts";
import { milliseconds } from "./time.ts";

const word = omitEmpty(text);
const count = optional(uint64);

const blockIo = optional(
  list(looseObject({ major: optional(uint32), minor: optional(uint32), op: word, value: count })),
);

const bytes = defaulted(integer(0, Number.MAX_SAFE_INTEGER), 0);

const traffic = looseObject({
  rx_bytes: bytes,
  rx_packets: bytes,
  rx_errors: bytes,
  rx_dropped: bytes,
  tx_bytes: bytes,
  tx_packets: bytes,
  tx_errors: bytes,
  tx_dropped: bytes,
});

const statsDocument = looseObject({
  id: word,
  name: word,
  read: word,
  pids_stats: optional(looseObject({ current: count, limit: count })),
  blkio_stats: optional(looseObject({ io_service_bytes_recursive: blockIo, io_serviced_recursive: blockIo })),
  cpu_stats: optional(
    looseObject({
      cpu_usage: optional(
        looseObject({
          total_usage: count,
          percpu_usage: optional(list(uint64)),
          usage_in_kernelmode: count,
          usage_in_usermode: count,
        }),
      ),
      system_cpu_usage: count,
      online_cpus: optional(uint32),
      throttling_data: optional(
        looseObject({ periods: count, throttled_periods: count, throttled_time: count }),
      ),
    }),
  ),
  memory_stats: optional(
    looseObject({
      usage: count,
      max_usage: count,
      failcnt: count,
      limit: count,
      stats: optional(record(uint64)),
    }),
  ),
  networks: optional(record(traffic)),
});

const noLimit: MemoryEntry = { limit: 0, failcnt: 0 };

export function containerStatsOf(value: unknown, at: string): ContainerStats {
  const document = statsDocument(value, at);
  const { id = "", name = "", cpu_stats: cpu = {}, memory_stats: memory = {} } = document;
  const time = milliseconds(document.read);
  const common = { id, name: name.replace(/^\//, ""), time: time ?? Date.now() };
  // Of one that does not run there is nothing to tell.
  if (time === undefined || cpu.system_cpu_usage === undefined) return common;
  const { cpu_usage: spent = {}, throttling_data: throttling = {} } = cpu;
  const { pids_stats: pids = {}, blkio_stats: blkio = {}, networks = {} } = document;
  return {
    ...common,
    usage: {
      cgroup: {
        cpu: {
          usage: {
            total: spent.total_usage ?? 0,
            kernel: spent.usage_in_kernelmode ?? 0,
            user: spent.usage_in_usermode ?? 0,
            ...(spent.percpu_usage ? { percpu: spent.percpu_usage } : {}),
          },
          throttling: {
            periods: throttling.periods ?? 0,
            throttledPeriods: throttling.throttled_periods ?? 0,
            throttledTime: throttling.throttled_time ?? 0,
          },
        },
        cpuset: noCpuset,
        memory: {
          usage: {
            limit: memory.limit ?? 0,
            usage: memory.usage ?? 0,
            failcnt: memory.failcnt ?? 0,
            ...(memory.max_usage === undefined ? {} : { max: memory.max_usage }),
          },
          swap: noLimit,
          kernel: noLimit,
          kernelTCP: noLimit,
          raw: memory.stats ?? {},
        },
        pids: {
          current: pids.current ?? 0,
          ...(pids.limit === undefined ? {} : { limit: pids.limit }),
        },
        blkio: {
          ioServiceBytesRecursive: blkio.io_service_bytes_recursive ?? [],
          ioServicedRecursive: blkio.io_serviced_recursive ?? [],
        },
        hugetlb: {},
      },
      host: {
        total: Number(cpu.system_cpu_usage),
        online: cpu.online_cpus ?? spent.percpu_usage?.length ?? 1,
      },
      networks,
    },
  };
}

/** Which Docker does not tell. */
const noCpuset = {
  cpu_exclusive: 0,
  mem_hardwall: 0,
  mem_exclusive: 0,
  memory_migrate: 0,
  memory_spread_page: 0,
  memory_spread_slab: 0,
  memory_pressure: 0,
  sched_load_balance: 0,
  sched_relax_domain_level: 0,
} as const;
