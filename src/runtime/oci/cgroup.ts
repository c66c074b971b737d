/** The container's cgroup, as the record remembers it. */

import type { ContainerRecord } from "./record.ts";

export function isFrozen(_record: ContainerRecord): boolean {
  return false;
}
