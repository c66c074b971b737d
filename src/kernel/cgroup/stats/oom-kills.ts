/** How many processes of a cgroup the kernel has killed for want of memory (Linux 4.13). */

import { type Cgroup, directoryOf, hostPath } from "../cgroup.ts";
import { readTable } from "./read.ts";

/** 0 where nobody counts. */
export function oomKills(cgroup: Cgroup): number {
  const directory = directoryOf(cgroup, "memory");
  if (!directory) return 0;
  const { version } = directory;
  const file = version === 1 ? "memory.oom_control" : "memory.events";
  return Number(readTable({ version, path: hostPath(directory) }, file)?.oom_kill ?? 0);
}
