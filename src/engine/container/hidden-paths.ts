/** What of /proc and /sys a container does not see, and what it only reads. */

import type { ContainerSpec } from "./spec.ts";

export interface HiddenPaths {
  readonly maskedPaths: readonly string[];
  readonly readonlyPaths: readonly string[];
}

export function hiddenPaths({ privileged = false, security = {} }: ContainerSpec): HiddenPaths {
  const { systemPathsUnconfined = false, mask = [], unmask = [] } = security;
  if (privileged || systemPathsUnconfined || unmask.includes("ALL"))
    return { maskedPaths: [], readonlyPaths: [] };
  const visible = (path: string) => !unmask.includes(path);
  return {
    maskedPaths: [...maskedPaths.filter(visible), ...mask],
    readonlyPaths: readonlyPaths.filter(visible),
  };
}

/** Docker 28's. */
const maskedPaths: readonly string[] = [
  "/proc/acpi",
  "/proc/asound",
  "/proc/interrupts",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/sys/devices/virtual/powercap",
  "/sys/firmware",
];

const readonlyPaths: readonly string[] = [
  "/proc/bus",
  "/proc/fs",
  "/proc/irq",
  "/proc/sys",
  "/proc/sysrq-trigger",
];
