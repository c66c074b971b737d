/**
 * Limits as properties of a unit. Every limit is written to the cgroup's file all the same; systemd is told of those it
 * has a property for, because it writes its own idea of them whenever it looks at the unit again (`systemctl
 * daemon-reload`, `set-property`). The table goes by the files of v2; v1's are put into their words first.
 */

import { type Cgroup, directoryOf } from "../cgroup/cgroup.ts";
import type { Setting } from "../cgroup/setting.ts";
import type { Property } from "./property.ts";

export function limitProperties(cgroup: Cgroup, settings: readonly Setting[]): readonly Property[] {
  const [legacy, unified] = [new Map<string, string>(), new Map<string, string>()];
  for (const { controller, file, value } of settings)
    (directoryOf(cgroup, controller)?.version === 1 ? legacy : unified).set(file, value);
  return [
    ...[...unified].flatMap(([file, value]) => unifiedFiles[file]?.(value) ?? []),
    ...[...legacy].flatMap(([file, value]) => legacyFiles[file]?.(value) ?? []),
    ...legacyQuota(legacy),
  ];
}

/** systemd's "infinity". */
const unlimited = 2n ** 64n - 1n;

type Translation = (value: string) => readonly Property[];

// biome-ignore format: a table
const unifiedFiles: Readonly<Record<string, Translation>> = {
  "memory.max": amount("MemoryMax", 1n),
  "memory.high": amount("MemoryHigh", 1n),
  "memory.low": amount("MemoryLow", 0n),
  "memory.min": amount("MemoryMin", 0n, 240),
  "memory.swap.max": amount("MemorySwapMax", 0n),
  "pids.max": amount("TasksMax", 1n),
  "cpu.weight": amount("CPUWeight", 1n),
  "cpu.idle": (value) => (value === "1" ? [{ name: "CPUWeight", signature: "t", value: 0n, since: 252 }] : []),
  "cpu.max": (value) => {
    const [quota, period] = value.split(" ");
    return quotaProperties(quota, period);
  },
  "cpuset.cpus": numbers("AllowedCPUs"),
  "cpuset.mems": numbers("AllowedMemoryNodes"),
  "io.bfq.weight": (value) => amount("IOWeight", 1n)(ioWeight(value)),
};

// biome-ignore format: a table
const legacyFiles: Readonly<Record<string, Translation>> = {
  "memory.limit_in_bytes": amount("MemoryLimit", 1n),
  "pids.max": amount("TasksMax", 1n),
  "cpu.shares": amount("CPUShares", 2n),
  "blkio.weight": amount("BlockIOWeight", 10n),
};

/** What is no number, or one that systemd does not take, is in the file alone. */
function amount(name: string, least: bigint, since?: number): Translation {
  return (text) => {
    const value = text === "max" || text === "-1" ? unlimited : /^\d+$/.test(text) ? BigInt(text) : undefined;
    if (value === undefined || value < least || value > unlimited) return [];
    return [{ name, signature: "t", value, ...(since === undefined ? {} : { since }) }];
  };
}

/** The way back from systemd's BFQ_WEIGHT(): 1 … 100 are the same, 100 … 10000 become 100 … 1000. */
function ioWeight(bfq: string): string {
  const weight = Number(bfq);
  return String(weight <= 100 ? weight : 100 + (weight - 100) * 11);
}

function legacyQuota(files: ReadonlyMap<string, string>): readonly Property[] {
  return quotaProperties(files.get("cpu.cfs_quota_us"), files.get("cpu.cfs_period_us"));
}

/** The kernel's default, in microseconds, where none is said. */
const defaultPeriod = "100000";
/** systemd keeps quotas in hundredths of a CPU; up is what runc rounds to. */
const step = 10_000n;
const second = 1_000_000n;

/** Microseconds in each period → microseconds in each second. */
function quotaProperties(quota: string | undefined, period: string | undefined): readonly Property[] {
  const given: Property[] =
    period === undefined
      ? []
      : [{ name: "CPUQuotaPeriodUSec", signature: "t", value: BigInt(period), since: 242 }];
  if (quota === undefined) return given;
  const none = quota === "max" || BigInt(quota) <= 0n;
  const exact = none ? 0n : (BigInt(quota) * second) / BigInt(period ?? defaultPeriod);
  const value = none ? unlimited : ((exact + step - 1n) / step) * step;
  return [...given, { name: "CPUQuotaPerSecUSec", signature: "t", value }];
}

/** "0-2,8" → the bytes 7 and 1. */
function numbers(name: string): Translation {
  return (list) => {
    const bytes: number[] = [];
    for (const range of list.split(",")) {
      const [first, last = first] = range.split("-").map(Number);
      if (!(first! <= last! && last! < numberMax)) return [];
      for (let n = first!; n <= last!; n++) bytes[n >> 3] = (bytes[n >> 3] ?? 0) | (1 << (n & 7));
    }
    return [{ name, signature: "ay", value: Array.from(bytes, (byte) => byte ?? 0), since: 244 }];
  };
}

/** More than any kernel has of CPUs (CONFIG_NR_CPUS). */
const numberMax = 65_536;
