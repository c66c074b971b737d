/** The CPU sets of v1; runc gives none for v2. */

import { readCgroupFile } from "../live/files.ts";
import { present, readCounter, type StatsSource } from "./read.ts";
import type { CpusetStats } from "./stats.ts";

export function cpusetStats(source: StatsSource | undefined): CpusetStats {
  const legacy = source?.version === 1 ? source : undefined;
  const number = (file: string) => (legacy && readCounter(legacy, `cpuset.${file}`)) ?? 0;
  const list = (file: string) => (legacy ? numbers(readCgroupFile(legacy.path, `cpuset.${file}`) ?? "") : []);
  return {
    ...present({ cpus: list("cpus"), mems: list("mems") }),
    cpu_exclusive: number("cpu_exclusive"),
    mem_hardwall: number("mem_hardwall"),
    mem_exclusive: number("mem_exclusive"),
    memory_migrate: number("memory_migrate"),
    memory_spread_page: number("memory_spread_page"),
    memory_spread_slab: number("memory_spread_slab"),
    memory_pressure: number("memory_pressure"),
    sched_load_balance: number("sched_load_balance"),
    sched_relax_domain_level: number("sched_relax_domain_level"),
  };
}

/** "0-2,7" → 0, 1, 2, 7 (cpuset(7), "List format") */
function numbers(text: string): readonly number[] {
  return text
    .trim()
    .split(",")
    .filter(Boolean)
    .flatMap((range) => {
      const [first, last = first] = range.split("-").map(Number);
      return Array.from({ length: last! - first! + 1 }, (_, i) => first! + i);
    });
}
