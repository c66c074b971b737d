/**
 * A shim outlives whoever started it, also when that was a systemd unit that is stopped: systemd kills what is in the
 * unit's cgroup, by its own hierarchy in v1 and by the only one in v2. So the shim moves to a cgroup beside.
 */

import { join } from "node:path";
import * as F from "../abi/files.ts";
import { ProgramBuilder, type SlotAllocator } from "../program/builder.ts";
import type { Instruction } from "../program/instruction.ts";
import { isManaged } from "./cgroup.ts";
import type { CgroupHierarchy, CgroupTree } from "./hierarchy.ts";

/** Nothing where the caller is in the root of the hierarchy already. */
export function leaveCaller(
  hierarchy: CgroupHierarchy,
  name: string,
  slots: SlotAllocator,
): readonly Instruction[] {
  const p = new ProgramBuilder();
  for (const tree of managedTrees(hierarchy)) {
    if (tree.own === "/") continue;
    const file = slots.slot("cgroup of the shims");
    // In v1 a process of one thread moves by `tasks` without waiting for every fork of the machine.
    const members = tree.version === 1 ? "tasks" : "cgroup.procs";
    const directory = join(tree.mountPoint, name);
    p.call("make a cgroup for shims", "mkdirat", [F.AT_FDCWD, directory, 0o755], {
      on: { EEXIST: "continue" },
    });
    p.call("open it", "openat", [F.AT_FDCWD, `${directory}/${members}`, F.O_WRONLY | F.O_CLOEXEC, 0], {
      slot: file,
    });
    p.call("leave the cgroup of whoever started the shim", "write", [file, "0", 1], { expect: 1 });
    p.close(file);
  }
  return p.instructions;
}

/** Where that cgroup is, if anybody needed it. */
export function shimDirectories(hierarchy: CgroupHierarchy, name: string): readonly string[] {
  return managedTrees(hierarchy).map(({ mountPoint }) => join(mountPoint, name));
}

/** Those that a service manager kills by. */
function managedTrees({ trees }: CgroupHierarchy): readonly CgroupTree[] {
  return trees.filter(isManaged);
}
