/**
 * Where a process that joins a container later may live. A v2 cgroup that passes controllers on may hold no processes
 * (cgroup-v2.rst, "No Internal Process Constraint"). So where a container has divided its own cgroup, as an init system
 * or an engine inside does, it is the cgroup of the container's first process: what runc tries after EBUSY.
 */

import { type Cgroup, hostPath, unifiedOf } from "../cgroup.ts";
import { readHierarchy } from "../read-hierarchy.ts";
import { readCgroupFile } from "./files.ts";

/** `pid` is the first process; if it is another's by now, it is not below the cgroup and so does not count. */
export function habitable(cgroup: Cgroup, pid: number | undefined): Cgroup {
  const unified = unifiedOf(cgroup);
  if (!unified || pid === undefined) return cgroup;
  const passed = readCgroupFile(hostPath(unified), "cgroup.subtree_control") ?? "";
  if (passed.trim() === "") return cgroup;
  const own = readHierarchy("/proc", pid).trees.find((tree) => tree.version === 2)?.own;
  if (!own?.startsWith(`/${unified.path}/`)) return cgroup;
  const directories = cgroup.directories.map((d) => (d === unified ? { ...d, path: own.slice(1) } : d));
  return { ...cgroup, directories };
}
