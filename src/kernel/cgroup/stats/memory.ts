/** Memory: v1's memory.*, v2's memory.* and memory.swap.*, whose swap does not include memory and has it added here. */

import { present, readCounter, readPressure, readTable, type StatsSource, sum, unlimited } from "./read.ts";
import type { MemoryEntry, MemoryStats } from "./stats.ts";

const none: MemoryEntry = { limit: 0, failcnt: 0 };

export function memoryStats(source: StatsSource | undefined): MemoryStats {
  if (!source) return { usage: none, swap: none, kernel: none, kernelTCP: none };
  return source.version === 1 ? legacy(source) : unified(source);
}

function legacy(source: StatsSource): MemoryStats {
  const raw = readTable(source, "memory.stat") ?? {};
  return {
    ...present({ cache: raw.cache }),
    usage: legacyEntry(source, "memory"),
    swap: legacyEntry(source, "memory.memsw"),
    kernel: legacyEntry(source, "memory.kmem"),
    kernelTCP: legacyEntry(source, "memory.kmem.tcp"),
    raw,
  };
}

/** Swap and kernel memory are options of the kernel. */
function legacyEntry(source: StatsSource, prefix: string): MemoryEntry {
  return {
    limit: readCounter(source, `${prefix}.limit_in_bytes`) ?? 0,
    ...present({
      usage: readCounter(source, `${prefix}.usage_in_bytes`),
      max: readCounter(source, `${prefix}.max_usage_in_bytes`),
    }),
    failcnt: readCounter(source, `${prefix}.failcnt`) ?? 0,
  };
}

function unified(source: StatsSource): MemoryStats {
  const raw = readTable(source, "memory.stat") ?? {};
  const usage = unifiedEntry(source, "memory");
  const psi = readPressure(source, "memory.pressure");
  return {
    ...present({ cache: raw.file }),
    usage,
    swap: withMemory(unifiedEntry(source, "memory.swap"), usage),
    kernel: none,
    kernelTCP: none,
    raw,
    ...(psi ? { psi } : {}),
  };
}

/** memory.peak is there since Linux 5.19. */
function unifiedEntry(source: StatsSource, prefix: string): MemoryEntry {
  const [usage, max] = [readCounter(source, `${prefix}.current`), readCounter(source, `${prefix}.peak`)];
  return { limit: readCounter(source, `${prefix}.max`) ?? 0, ...present({ usage, max }), failcnt: 0 };
}

/** The peaks of both need not have been at one time, so there is no peak of the sum. */
function withMemory(swap: MemoryEntry, memory: MemoryEntry): MemoryEntry {
  const boundless = [swap.limit, memory.limit].some((limit) => limit === unlimited);
  const limit = boundless ? unlimited : sum(swap.limit, memory.limit);
  return { limit, ...present({ usage: sum(swap.usage ?? 0, memory.usage ?? 0) }), failcnt: swap.failcnt };
}
