/** CPU time: v1's cpuacct.* and cpu.stat, v2's cpu.stat. */

import { readCgroupFile } from "../live/files.ts";
import { present, readCounter, readPressure, readRow, readTable, type StatsSource, times } from "./read.ts";
import type { Counter, CpuStats } from "./stats.ts";

export function cpuStats(cpu: StatsSource | undefined, accounting: StatsSource | undefined): CpuStats {
  if (cpu?.version === 2) return unified(cpu);
  const throttled = cpu && readTable(cpu, "cpu.stat");
  return {
    usage: accounting ? usage(accounting) : { kernel: 0, user: 0 },
    throttling: present({
      periods: throttled?.nr_periods,
      throttledPeriods: throttled?.nr_throttled,
      throttledTime: throttled?.throttled_time,
    }),
  };
}

/** cpuacct.stat counts in ticks of USER_HZ, which is 100 on every architecture brig runs on. */
const nanosecondsPerTick = 10_000_000;

function usage(source: StatsSource): CpuStats["usage"] {
  const ticks = readTable(source, "cpuacct.stat");
  const perCpu = readPerCpu(source);
  return {
    ...present({
      total: readCounter(source, "cpuacct.usage"),
      percpu: readRow(source, "cpuacct.usage_percpu"),
      percpu_kernel: perCpu.kernel,
      percpu_user: perCpu.user,
    }),
    kernel: times(ticks?.system, nanosecondsPerTick) ?? 0,
    user: times(ticks?.user, nanosecondsPerTick) ?? 0,
  };
}

/** cpuacct.usage_all: a line of names, then for each CPU its number, its user and its system time. */
function readPerCpu({ path }: StatsSource): { readonly kernel: Counter[]; readonly user: Counter[] } {
  const rows = (readCgroupFile(path, "cpuacct.usage_all") ?? "").trim().split("\n").slice(1);
  const columns = rows.map((row) => row.split(" ").map(Number));
  return { user: columns.map((c) => c[1]!), kernel: columns.map((c) => c[2]!) };
}

function unified(source: StatsSource): CpuStats {
  const table = readTable(source, "cpu.stat") ?? {};
  const psi = readPressure(source, "cpu.pressure");
  return {
    usage: {
      ...present({ total: times(table.usage_usec, 1000) }),
      kernel: times(table.system_usec, 1000) ?? 0,
      user: times(table.user_usec, 1000) ?? 0,
    },
    throttling: present({
      periods: table.nr_periods,
      throttledPeriods: table.nr_throttled,
      throttledTime: times(table.throttled_usec, 1000),
    }),
    ...(psi ? { psi } : {}),
  };
}
