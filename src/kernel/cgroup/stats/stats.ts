/**
 * What a container uses, in the shape of `runc events --stats` (its types/events.go): field for field the `data` of the
 * JSON that runc prints, so that who reads runc's reads ours. v2's figures take the places of v1's.
 */

import type { Int64 } from "../../../spec/schema/scalars.ts";
import { type Cgroup, directoryOf, hostPath } from "../cgroup.ts";
import { blockIoStats } from "./block-io.ts";
import { cpuStats } from "./cpu.ts";
import { cpusetStats } from "./cpuset.ts";
import { hugetlbStats } from "./hugetlb.ts";
import { memoryStats } from "./memory.ts";
import { pidsStats } from "./pids.ts";

/** Counters of 64 bits: a number where that is exact, else a bigint. */
export type Counter = Int64;

export interface CgroupStats {
  readonly cpu: CpuStats;
  readonly cpuset: CpusetStats;
  readonly memory: MemoryStats;
  readonly pids: PidsStats;
  readonly blkio: BlockIoStats;
  /** By page size, such as "2MB". */
  readonly hugetlb: Readonly<Record<string, HugetlbStats>>;
}

/** Nanoseconds. */
export interface CpuStats {
  readonly usage: {
    readonly total?: Counter;
    readonly percpu?: readonly Counter[];
    readonly percpu_kernel?: readonly Counter[];
    readonly percpu_user?: readonly Counter[];
    readonly kernel: Counter;
    readonly user: Counter;
  };
  readonly throttling: {
    readonly periods?: Counter;
    readonly throttledPeriods?: Counter;
    readonly throttledTime?: Counter;
  };
  readonly psi?: Pressure;
}

export interface CpusetStats {
  readonly cpus?: readonly number[];
  readonly cpu_exclusive: Counter;
  readonly mems?: readonly number[];
  readonly mem_hardwall: Counter;
  readonly mem_exclusive: Counter;
  readonly memory_migrate: Counter;
  readonly memory_spread_page: Counter;
  readonly memory_spread_slab: Counter;
  readonly memory_pressure: Counter;
  readonly sched_load_balance: Counter;
  readonly sched_relax_domain_level: Counter;
}

/** Bytes. */
export interface MemoryEntry {
  readonly limit: Counter;
  readonly usage?: Counter;
  readonly max?: Counter;
  readonly failcnt: Counter;
}

export interface MemoryStats {
  readonly cache?: Counter;
  readonly usage: MemoryEntry;
  /** Memory and swap together, also in v2. */
  readonly swap: MemoryEntry;
  readonly kernel: MemoryEntry;
  readonly kernelTCP: MemoryEntry;
  /** memory.stat */
  readonly raw?: Readonly<Record<string, Counter>>;
  readonly psi?: Pressure;
}

export interface PidsStats {
  readonly current?: Counter;
  /** Absent is no limit. */
  readonly limit?: Counter;
}

export interface BlockIoEntry {
  readonly major?: number;
  readonly minor?: number;
  readonly op?: string;
  readonly value?: Counter;
}

export interface BlockIoStats {
  readonly ioServiceBytesRecursive?: readonly BlockIoEntry[];
  readonly ioServicedRecursive?: readonly BlockIoEntry[];
  readonly ioQueueRecursive?: readonly BlockIoEntry[];
  readonly ioServiceTimeRecursive?: readonly BlockIoEntry[];
  readonly ioWaitTimeRecursive?: readonly BlockIoEntry[];
  readonly ioMergedRecursive?: readonly BlockIoEntry[];
  readonly ioTimeRecursive?: readonly BlockIoEntry[];
  readonly sectorsRecursive?: readonly BlockIoEntry[];
  readonly psi?: Pressure;
}

export interface HugetlbStats {
  readonly usage?: Counter;
  readonly max?: Counter;
  readonly failcnt: Counter;
}

/** Pressure stall information of v2 (Documentation/accounting/psi.rst): percent of the last seconds, microseconds. */
export interface Pressure {
  readonly some?: PressureLine;
  readonly full?: PressureLine;
}

export interface PressureLine {
  readonly avg10: number;
  readonly avg60: number;
  readonly avg300: number;
  readonly total: Counter;
}

export function readStats(cgroup: Cgroup): CgroupStats {
  const at = (controller: string) => {
    const directory = directoryOf(cgroup, controller);
    return directory && ({ version: directory.version, path: hostPath(directory) } as const);
  };
  const v2 = cgroup.directories.length === 1 ? cgroup.directories.find((d) => d.version === 2) : undefined;
  const always = v2 && ({ version: 2, path: hostPath(v2) } as const);
  return {
    // v2 counts CPU time even where the controller is not enabled.
    cpu: cpuStats(always ?? at("cpu"), always ?? at("cpuacct")),
    cpuset: cpusetStats(at("cpuset")),
    memory: memoryStats(at("memory")),
    pids: pidsStats(at("pids")),
    blkio: blockIoStats(at("blkio") ?? at("io")),
    hugetlb: hugetlbStats(at("hugetlb")),
  };
}

/** JSON as runc prints it: a counter beyond 2^53 is written with all its digits. */
export function statsJson(stats: CgroupStats): string {
  const digits = "\u0000";
  const text = JSON.stringify(stats, (_, value: unknown) =>
    typeof value === "bigint" ? `${digits}${value}${digits}` : value,
  );
  return text.replace(/"\\u0000(\d+)\\u0000"/g, "$1");
}
