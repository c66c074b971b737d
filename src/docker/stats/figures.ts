/** What `stats` shows of two measurements, as Docker computes it: percent, and bytes without what the page cache holds. */

import type { ContainerStats } from "../../engine/container/stats.ts";
import type { BlockIoEntry } from "../../kernel/cgroup/stats/stats.ts";

export interface Figures {
  /** Of one processor: 200 where two are busy. */
  readonly cpu: number;
  readonly memory: number;
  readonly memoryLimit: number;
  readonly memoryShare: number;
  readonly received: number;
  readonly sent: number;
  readonly read: number;
  readonly written: number;
  readonly processes: number;
}

/** `total` is the host's memory, which limits who has no limit. */
export function figuresOf(
  now: ContainerStats,
  before: ContainerStats | undefined,
  total: number,
): Figures | undefined {
  if (!now.usage) return undefined;
  const { cgroup, networks } = now.usage;
  const memory = usedMemory(now);
  const memoryLimit = Math.min(Number(cgroup.memory.usage.limit) || total, total);
  const traffic = Object.values(networks);
  const sum = (pick: (each: (typeof traffic)[number]) => number) =>
    traffic.reduce((all, each) => all + pick(each), 0);
  return {
    cpu: cpuShare(now, before),
    memory,
    memoryLimit,
    memoryShare: memoryLimit > 0 ? (memory / memoryLimit) * 100 : 0,
    received: sum(({ rx_bytes }) => rx_bytes),
    sent: sum(({ tx_bytes }) => tx_bytes),
    read: bytesOf(cgroup.blkio.ioServiceBytesRecursive, "read"),
    written: bytesOf(cgroup.blkio.ioServiceBytesRecursive, "write"),
    processes: Number(cgroup.pids.current ?? 0),
  };
}

function cpuShare({ usage: now }: ContainerStats, before: ContainerStats | undefined): number {
  const earlier = before?.usage;
  if (!now || !earlier) return 0;
  const spent = Number(now.cgroup.cpu.usage.total ?? 0) - Number(earlier.cgroup.cpu.usage.total ?? 0);
  const passed = now.host.total - earlier.host.total;
  return spent > 0 && passed > 0 ? (spent / passed) * now.host.online * 100 : 0;
}

/** What the kernel would give back first does not count: v1's name for it, then v2's. */
function usedMemory({ usage }: ContainerStats): number {
  const { raw = {}, usage: memory } = usage!.cgroup.memory;
  const used = Number(memory.usage ?? 0);
  const cache = Number(raw.total_inactive_file ?? raw.inactive_file ?? 0);
  return cache < used ? used - cache : used;
}

function bytesOf(entries: readonly BlockIoEntry[] = [], operation: string): number {
  return entries
    .filter(({ op }) => op?.toLowerCase() === operation)
    .reduce((sum, { value }) => sum + Number(value ?? 0), 0);
}
