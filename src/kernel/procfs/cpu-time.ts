/** What the processors of the host have spent, from /proc/stat (proc(5)). */

import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

export interface HostCpuTime {
  /** Nanoseconds of all processors together, idle ones too. */
  readonly total: number;
  readonly online: number;
}

/** USER_HZ is 100 on every architecture brig runs on. */
const nanosecondsPerTick = 10_000_000;

/** user nice system idle iowait irq softirq steal: guest time is in them already. */
const counted = 8;

export function hostCpuTime(): HostCpuTime {
  const [first = ""] = readFileSync("/proc/stat", "utf8").split("\n", 1);
  const ticks = first
    .trim()
    .split(/\s+/)
    .slice(1, 1 + counted);
  return {
    total: ticks.reduce((sum, field) => sum + Number(field), 0) * nanosecondsPerTick,
    online: availableParallelism(),
  };
}
