/** What a mount of the type `cgroup` shows inside a container: v1's hierarchies each, or the one tree of v2. */

import { posix } from "node:path";
import type { HostPath } from "../../base/ids.ts";
import { type Cgroup, type CgroupDirectory, hostPath } from "./cgroup.ts";

export interface CgroupMount {
  /** Of its directory in the container's /sys/fs/cgroup. */
  readonly name: string;
  readonly path: HostPath;
  readonly type: "cgroup" | "cgroup2";
  /** Mount options that choose the hierarchy when it is mounted anew inside a cgroup namespace. */
  readonly option?: string;
  /** Other names of the hierarchy: `cpu` and `cpuacct` of `cpu,cpuacct`. */
  readonly links: readonly string[];
}

export function cgroupMounts(cgroup: Cgroup): readonly CgroupMount[] {
  // In a hybrid layout the v2 tree stays outside, as with runc: it has nothing that a container looks for.
  const version = cgroup.mode === "v2" ? 2 : 1;
  return cgroup.directories.filter((d) => d.version === version).map(mountOf);
}

function mountOf(directory: CgroupDirectory): CgroupMount {
  const path = hostPath(directory);
  const name = posix.basename(directory.mountPoint);
  if (directory.version === 2) return { name, path, type: "cgroup2", links: [] };
  const { controllers } = directory;
  const option = directory.name === undefined ? controllers.join(",") : `name=${directory.name}`;
  const links = controllers.length > 1 ? controllers.filter((controller) => controller !== name) : [];
  return { name, path, type: "cgroup", option, links };
}
