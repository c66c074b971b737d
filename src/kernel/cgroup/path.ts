/**
 * Where a container's cgroup is (runtime-spec, config-linux.md#cgroups-path), as runc's cgroupfs driver has it:
 *
 *   /a/b     below the root of every hierarchy
 *   a/b      v1: below the cgroup of the caller, in each hierarchy; v2: beside it, since a cgroup that has
 *            processes of its own cannot pass controllers on
 *   absent   the container's id, taken as a relative path
 *
 * With the systemd driver the text is `slice:prefix:name` instead.
 */

import { posix } from "node:path";
import { BrigError } from "../../base/errors.ts";
import type { Cgroup } from "./cgroup.ts";
import type { CgroupHierarchy, CgroupTree } from "./hierarchy.ts";

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
  if (prefix === undefined || !name || rest.length > 0)
    throw new BrigError(
      "invalid",
      `cannot use the cgroup path ${text}: systemd's is of the form slice:prefix:name`,
    );
  const unit = name.endsWith(".slice") ? name : `${prefix === "" ? "" : `${prefix}-`}${name}.scope`;
  return { kind: "systemd", slice: slice === "" ? "system.slice" : slice, unit };
}

/** The cgroup's directory in every hierarchy of this host. */
export function placeCgroup(hierarchy: CgroupHierarchy, at: CgroupsPath): Cgroup {
  if (at.kind === "systemd")
    throw new BrigError(
      "unsupported",
      `cannot make the systemd unit ${at.unit}: brig does not speak to systemd; use the cgroupfs driver`,
    );
  const { mode } = hierarchy;
  const directories = hierarchy.trees.map(({ own, ...tree }) => {
    const start = at.kind === "absolute" ? "/" : mode === "v2" ? posix.dirname(own) : own;
    return { ...tree, path: posix.join(start, at.path).slice(1) };
  });
  return { mode, directories };
}

/** The cgroup that a process is in, given the hierarchies as read for it; for `exec` where init has moved on. */
export function cgroupOfProcess(hierarchy: CgroupHierarchy): Cgroup {
  const inside = (tree: CgroupTree) => tree.own !== "/";
  const directories = hierarchy.trees
    .filter(inside)
    .map(({ own, ...tree }) => ({ ...tree, path: own.slice(1) }));
  return { mode: hierarchy.mode, directories };
}
