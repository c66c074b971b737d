/**
 * The end of a cgroup, run by the supervisor when the container's first process is gone. All that shared its pid
 * namespace has ended with it; in v2 the rest is killed too. A cgroup is busy for the instant in which processes go, so
 * each removal is tried for half a second. What is left then (v1 without a pid namespace, cgroups that the container
 * made) takes a loop and so is not for a program: the step fails, and `removeCgroup` follows.
 */

import { AT_FDCWD, AT_REMOVEDIR, O_CLOEXEC, O_WRONLY } from "../../abi/files.ts";
import { ProgramBuilder, type SlotAllocator } from "../../program/builder.ts";
import type { Instruction } from "../../program/instruction.ts";
import { type Cgroup, hostPath, isManaged, treeName, unifiedOf } from "../cgroup.ts";

const busy = { kind: "retry", times: 500, delay: 1 } as const;

/**
 * `managed`: systemd has made the cgroup, looks when it is empty, and removes it where it looks. A cgroup that is removed
 * before takes the kernel's word of its emptiness with it (cgroup_rm_file() stops the timer), and the unit would stay.
 */
export function removalOf(cgroup: Cgroup, slots: SlotAllocator, managed = false): readonly Instruction[] {
  const p = new ProgramBuilder();
  const unified = unifiedOf(cgroup);
  if (unified) {
    const file = slots.slot("cgroup.kill");
    const after = p.label("no cgroup.kill");
    const path = `${hostPath(unified)}/cgroup.kill`;
    // ENOENT: removed already, or before Linux 5.14.
    p.call("kill what is left in the cgroup", "openat", [AT_FDCWD, path, O_WRONLY | O_CLOEXEC, 0], {
      slot: file,
      on: { ENOENT: after },
    });
    p.call("kill what is left in the cgroup", "write", [file, "1", 1], { on: { EOPNOTSUPP: "continue" } });
    p.close(file);
    p.place(after);
  }
  for (const directory of cgroup.directories) {
    if (managed && isManaged(directory)) continue;
    p.call(
      `remove the ${treeName(directory)} cgroup /${directory.path}`,
      "unlinkat",
      [AT_FDCWD, hostPath(directory), AT_REMOVEDIR],
      { on: { ENOENT: "continue", EBUSY: busy } },
    );
  }
  return p.instructions;
}
