/**
 * One cgroup: its directory in every hierarchy. Plain data, kept with the container, so that whatever is done to the
 * cgroup later needs no second look at the host.
 */

import { BrigError } from "../../base/errors.ts";
import type { HostPath } from "../../base/ids.ts";
import type { CgroupMode, CgroupTree } from "./hierarchy.ts";

export interface Cgroup {
  readonly mode: CgroupMode;
  readonly directories: readonly CgroupDirectory[];
}

export interface CgroupDirectory extends Omit<CgroupTree, "own"> {
  /** Below the mount point, without a slash at either end; never the mount point itself. */
  readonly path: string;
}

/** The directory that limits of this controller are written in; undefined where the host does not have it. */
export function directoryOf(cgroup: Cgroup, controller: string): CgroupDirectory | undefined {
  const legacy = cgroup.directories.find((d) => d.version === 1 && d.controllers.includes(controller));
  if (legacy) return legacy;
  const unified = unifiedOf(cgroup);
  return unified && (unifiedAlways.has(controller) || unified.controllers.includes(controller))
    ? unified
    : undefined;
}

/** In v2 no controllers but built in: a program (Linux 4.15), cgroup.freeze (5.2), and the core itself. */
const unifiedAlways: ReadonlySet<string> = new Set(["devices", "freezer", "cgroup"]);

export function unifiedOf(cgroup: Cgroup): CgroupDirectory | undefined {
  return cgroup.directories.find((d) => d.version === 2);
}

/** Whether systemd looks there for what belongs to a unit: in v2, or in the hierarchy of v1 that is its own. */
export function isManaged({ version, name }: Pick<CgroupTree, "version" | "name">): boolean {
  return version === 2 || name === "systemd";
}

/** The directory on the host. Throws for data that would reach outside a cgroup of our own. */
export function hostPath(directory: CgroupDirectory): HostPath {
  const parts = directory.path.split("/");
  if (!directory.mountPoint.startsWith("/") || parts.some((p) => p === "" || p === "." || p === ".."))
    throw new BrigError("invalid", `cannot use the cgroup ${directory.path}: not a path below a hierarchy`);
  return `${directory.mountPoint === "/" ? "" : directory.mountPoint}/${directory.path}` as HostPath;
}

/** "memory", "cpu,cpuacct", "systemd" or "unified": what the hierarchy is called in messages and in containers. */
export function treeName(tree: Pick<CgroupTree, "version" | "controllers" | "name">): string {
  if (tree.version === 2) return "unified";
  return tree.name ?? tree.controllers.join(",");
}
