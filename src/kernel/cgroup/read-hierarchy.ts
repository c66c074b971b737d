/** The hierarchies of the running host, and what of them is open to a cgroup about to be made: a few small reads. */

import { existsSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import type { Cgroup, CgroupDirectory } from "./cgroup.ts";
import { type CgroupHierarchy, detectHierarchy } from "./hierarchy.ts";

/**
 * `proc` is where procfs is mounted; `own` cgroups are those of the process `pid`. Synchronous, as it is on the way of
 * every `run`: about 100 µs.
 */
export function readHierarchy(proc = "/proc", pid: number | "self" = "self"): CgroupHierarchy {
  return detectHierarchy({
    mountinfo: readFileSync(`${proc}/self/mountinfo`, "utf8"),
    cgroup: readFileSync(`${proc}/${pid}/cgroup`, "utf8"),
    controllersOf: (mountPoint) => readIfThere(`${mountPoint}/cgroup.controllers`),
  });
}

/** v2: the controllers that the parent hands on to its children already, so that nothing has to be enabled. */
export function readDelegation(cgroup: Cgroup): readonly string[] {
  const tree = cgroup.directories.find((d) => d.version === 2);
  if (!tree) return [];
  return readIfThere(`${tree.mountPoint}/${posix.dirname(tree.path)}/cgroup.subtree_control`)
    .split(/\s+/)
    .filter(Boolean);
}

/** Whether the kernel has a file that depends on how it was built; v1 shows most of them in its root too. */
export function kernelHas(directory: CgroupDirectory, file: string): boolean {
  return existsSync(`${directory.mountPoint}/${file}`);
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
