/**
 * Where a container's cgroup is (runtime-spec, config-linux.md#cgroups-path), as runc's cgroupfs driver has it:
 *
 *   /a/b     below the root of every hierarchy
 *   a/b      v1: below the cgroup of the caller, in each hierarchy; v2: beside it, since a cgroup that has
 *            processes of its own cannot pass controllers on
 *   absent   the container's id, taken as a relative path
 *
 * With the systemd driver the text is `slice:prefix:name` instead: the unit `prefix-name.scope` in that slice.
 */

import { posix } from "node:path";
import { BrigError } from "../../base/errors.ts";
import type { Cgroup } from "./cgroup.ts";
import type { CgroupHierarchy, CgroupTree } from "./hierarchy.ts";
import { isUnitName, slicePath } from "./slice.ts";

export type CgroupsPath =
  | { readonly kind: "absolute" | "relative"; readonly path: string }
  | { readonly kind: "systemd"; readonly slice: string; readonly unit: string };

export interface CgroupsPathOptions {
  readonly id: string;
  readonly driver: "cgroupfs" | "systemd";
}

export function parseCgroupsPath(text: string | undefined, options: CgroupsPathOptions): CgroupsPath {
  if (options.driver === "systemd") return parseSystemd(text || "", options.id);
  const given = text || options.id;
  // Normalized as if it were absolute, so that no ".." leads out.
  const path = posix.normalize(`/${given}`).slice(1).replace(/\/$/, "");
  if (path === "")
    throw new BrigError("invalid", `cannot use the cgroup path ${given}: it is the root of every hierarchy`);
  return { kind: given.startsWith("/") ? "absolute" : "relative", path };
}

function parseSystemd(text: string, id: string): CgroupsPath {
  const [slice = "", prefix, name, ...rest] = text === "" ? ["", "brig", id] : text.split(":");
  const refuse = (why: string) => new BrigError("invalid", `cannot use the cgroup path ${text}: ${why}`);
  if (prefix === undefined || !name || rest.length > 0)
    throw refuse("expected cgroupsPath to be of format slice:prefix:name for systemd cgroups");
  if (name.endsWith(".slice")) throw refuse("a slice has no processes; name a scope");
  const unit = `${prefix === "" ? "" : `${prefix}-`}${name}.scope`;
  if (!isUnitName(unit)) throw refuse(`${unit} is not a name of a unit`);
  return { kind: "systemd", slice: slice === "" ? "system.slice" : slice, unit };
}

/** The cgroup's directory in every hierarchy of this host; systemd's are below its own, so that it takes process 1's. */
export function placeCgroup(hierarchy: CgroupHierarchy, at: CgroupsPath): Cgroup {
  const { mode } = hierarchy;
  const directories = hierarchy.trees.map(({ own, ...tree }) => {
    if (at.kind === "systemd")
      return { ...tree, path: posix.join(managed(own), slicePath(at.slice), at.unit) };
    const start = at.kind === "absolute" ? "/" : mode === "v2" ? posix.dirname(own) : own;
    return { ...tree, path: posix.join(start, at.path).slice(1) };
  });
  return { mode, directories };
}

/** What systemd has below it, without a slash in front: it puts itself into `init.scope` there. */
function managed(own: string): string {
  return own.slice(1).replace(/(?:^|\/)init\.scope$/, "");
}

/** The cgroup that a process is in, given the hierarchies as read for it; for `exec` where init has moved on. */
export function cgroupOfProcess(hierarchy: CgroupHierarchy): Cgroup {
  const inside = (tree: CgroupTree) => tree.own !== "/";
  const directories = hierarchy.trees
    .filter(inside)
    .map(({ own, ...tree }) => ({ ...tree, path: own.slice(1) }));
  return { mode: hierarchy.mode, directories };
}
