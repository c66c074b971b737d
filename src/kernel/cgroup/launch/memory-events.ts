/** Where the kernel counts the processes it has killed for want of memory. */

import { AT_FDCWD, O_CLOEXEC, O_RDONLY } from "../../abi/files.ts";
import type { Slot } from "../../program/argument.ts";
import type { ProgramBuilder, SlotAllocator } from "../../program/builder.ts";
import { type Cgroup, directoryOf, hostPath } from "../cgroup.ts";

export function openMemoryEvents(p: ProgramBuilder, cgroup: Cgroup, slots: SlotAllocator): Slot | undefined {
  const directory = directoryOf(cgroup, "memory");
  if (!directory) return undefined;
  const file = directory.version === 1 ? "memory.oom_control" : "memory.events";
  const slot = slots.slot(file);
  const path = `${hostPath(directory)}/${file}`;
  // A kernel without it, or a parent that does not hand the controller on, leaves the slot closed: nothing is counted.
  p.call(
    "watch for processes killed for want of memory",
    "openat",
    [AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0],
    {
      slot,
      on: { ENOENT: "continue" },
    },
  );
  return slot;
}
