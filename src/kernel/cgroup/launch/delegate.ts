/**
 * v2: the container's root owns its cgroup and the files that delegation gives away
 * (/sys/kernel/cgroup/delegate; cgroup-v2.rst, "Model of Delegation"). Limits stay with the host.
 */

import type { CgroupDirectory } from "../cgroup.ts";
import type { CreateContext } from "./create.ts";

const delegated = [
  "cgroup.procs",
  "cgroup.threads",
  "cgroup.subtree_control",
  "memory.oom.group",
  "memory.reclaim",
] as const;

export function delegate(c: CreateContext, directory: CgroupDirectory, owner: number): void {
  const keepGroup = 0xffff_ffff;
  const give = (path: string, what: string) =>
    c.p.call(`give ${what} to the user ${owner}`, "fchownat", [c.hierarchy, path, owner, keepGroup, 0], {
      on: { ENOENT: "continue" },
    });
  give(directory.path, `the cgroup /${directory.path}`);
  for (const file of delegated) give(`${directory.path}/${file}`, file);
}
