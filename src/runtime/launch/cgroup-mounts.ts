/** Mounts of the type `cgroup` (runtime-spec, config-linux.md#control-groups). */

import * as F from "../../kernel/abi/files.ts";
import * as M from "../../kernel/abi/mount.ts";
import type { CgroupMount } from "../../kernel/cgroup/mounts.ts";
import type { Slot } from "../../kernel/program/argument.ts";
import type { Mount } from "../../spec/runtime/mounts.ts";
import { hasNamespace, type LaunchContext } from "./context.ts";
import type { MountOptions } from "./mount-options.ts";
import { setAttributes } from "./rootfs.ts";
import { attach } from "./target.ts";
import { makeTmpfs } from "./tmpfs.ts";

/**
 * cgroup v2: the container's own subtree. v1: a tmpfs with a directory for each hierarchy. With a cgroup
 * namespace the hierarchy is mounted anew and shows the container's cgroup as its root; without, it is bound.
 */
export function mountCgroups(
  c: LaunchContext,
  item: { readonly options: MountOptions; readonly from: string; readonly mount: Mount },
  cgroups: readonly CgroupMount[],
  target: Slot,
): void {
  const { options, from, mount } = item;
  const p = c.child;
  const own = hasNamespace(c.config, "cgroup");
  const unified = cgroups.length === 1 && cgroups[0]!.type === "cgroup2";
  if (unified) {
    const tree = hierarchy(c, cgroups[0]!, own, options.set, from);
    attach(p, tree, target, `mount ${mount.destination}`, { from });
    p.close(tree);
    return;
  }
  const tmpfs = c.slots.slot("tmpfs for the cgroups");
  makeTmpfs(c, tmpfs, "755", options.set & ~M.MOUNT_ATTR_RDONLY, from);
  attach(p, tmpfs, target, `mount a tmpfs at ${mount.destination}`, { from });
  for (const group of cgroups) {
    const tree = hierarchy(c, group, own, options.set, from);
    p.call(`make a directory for ${group.name}`, "mkdirat", [tmpfs, group.name, 0o755], { from });
    p.call(
      `mount the ${group.name} cgroup`,
      "move_mount",
      [tree, "", tmpfs, group.name, M.MOVE_MOUNT_F_EMPTY_PATH],
      { from },
    );
    for (const link of group.links)
      p.call(`link ${link} to ${group.name}`, "symlinkat", [group.name, tmpfs, link], { from });
    p.close(tree);
  }
  if (options.set & M.MOUNT_ATTR_RDONLY)
    setAttributes(p, tmpfs, { set: M.MOUNT_ATTR_RDONLY }, `make ${mount.destination} read-only`, from);
  p.close(tmpfs);
}

function hierarchy(
  c: LaunchContext,
  group: CgroupMount,
  own: boolean,
  attributes: number,
  from: string,
): Slot {
  const p = c.child;
  const tree = c.scratch[1];
  if (!own) {
    p.call(
      `open the container's ${group.name} cgroup`,
      "open_tree",
      [F.AT_FDCWD, group.path, M.OPEN_TREE_CLONE | M.OPEN_TREE_CLOEXEC],
      { slot: tree, from },
    );
    setAttributes(p, tree, { set: attributes }, `set the options of the ${group.name} cgroup`, from);
    return tree;
  }
  const context = c.slots.slot(`context of ${group.name}`);
  p.call(`make a ${group.type} file system`, "fsopen", [group.type, M.FSOPEN_CLOEXEC], {
    slot: context,
    from,
  });
  for (const word of group.option?.split(",") ?? []) {
    const [key, value] = word.split("=");
    const args =
      value === undefined
        ? ([M.FSCONFIG_SET_FLAG, key!, 0] as const)
        : ([M.FSCONFIG_SET_STRING, key!, value] as const);
    p.call(`choose the ${group.name} hierarchy`, "fsconfig", [context, ...args, 0], { from });
  }
  p.call(`create the ${group.name} mount`, "fsconfig", [context, M.FSCONFIG_CMD_CREATE, 0, 0, 0], { from });
  p.call(`mount the ${group.name} hierarchy`, "fsmount", [context, M.FSMOUNT_CLOEXEC, attributes], {
    slot: tree,
    from,
  });
  p.close(context);
  return tree;
}
