/**
 * How the container's first process, and every command executed in it, gets into the cgroup: by an fd that the parent
 * opens and the child writes to. The kernel checks the rights of who opened it, so a child in a user namespace may.
 */

import * as F from "../../abi/files.ts";
import type { Slot } from "../../program/argument.ts";
import { ProgramBuilder, type SlotAllocator } from "../../program/builder.ts";
import type { Instruction } from "../../program/instruction.ts";
import { type Cgroup, type CgroupDirectory, treeName } from "../cgroup.ts";
import type { CreateContext } from "./create.ts";

/** The way into one directory. */
export interface Door {
  readonly slot: Slot;
  /** The child is born there; `slot` is the directory itself. Otherwise it is a file to write "0" to. */
  readonly born: boolean;
  readonly name: string;
  open(c: Pick<CreateContext, "p" | "hierarchy">): void;
}

export interface JoinLists {
  readonly bornIn?: Slot;
  readonly join: readonly Instruction[];
  readonly release: readonly Instruction[];
}

export interface JoinProgram extends JoinLists {
  /** Parent, before the clone. */
  readonly open: readonly Instruction[];
}

/** For a cgroup that exists: `exec`. */
export function compileJoin(
  cgroup: Cgroup,
  slots: SlotAllocator,
  kernel: readonly [number, number],
): JoinProgram {
  const p = new ProgramBuilder();
  const hierarchy = slots.slot("cgroup hierarchy");
  const doors = cgroup.directories.map((directory) => {
    const door = openDoor(slots, directory, { kernel, born: true });
    p.call(
      `open the ${door.name} hierarchy`,
      "openat",
      [F.AT_FDCWD, directory.mountPoint, F.O_PATH | F.O_DIRECTORY | F.O_CLOEXEC, 0],
      { slot: hierarchy },
    );
    door.open({ p, hierarchy });
    p.close(hierarchy);
    return door;
  });
  return { open: p.instructions, ...joinLists(doors) };
}

export function openDoor(
  slots: SlotAllocator,
  directory: CgroupDirectory,
  { kernel, born: wanted }: { readonly kernel: readonly [number, number]; readonly born: boolean },
): Door {
  const name = treeName(directory);
  const slot = slots.slot(`the ${name} cgroup`);
  const born = wanted && directory.version === 2 && (kernel[0] > 5 || (kernel[0] === 5 && kernel[1] >= 7));
  // `tasks` moves one thread and cgroup.procs its process: the same to a process of one thread, at a fraction of the cost.
  const file = directory.version === 1 ? "tasks" : "cgroup.procs";
  const [path, flags] = born
    ? [directory.path, F.O_RDONLY | F.O_DIRECTORY | F.O_CLOEXEC]
    : [`${directory.path}/${file}`, F.O_WRONLY | F.O_CLOEXEC];
  const open: Door["open"] = ({ p, hierarchy }) =>
    p.call(`open the ${name} cgroup /${directory.path}`, "openat", [hierarchy, path, flags, 0], {
      slot,
      from: "linux.cgroupsPath",
    });
  return { slot, born, name, open };
}

export function joinLists(doors: readonly Door[]): JoinLists {
  const [child, parent] = [new ProgramBuilder(), new ProgramBuilder()];
  for (const { slot, born, name } of doors) {
    if (!born)
      child.call(`join the ${name} cgroup`, "write", [slot, "0", 1], {
        from: "linux.cgroupsPath",
        expect: 1,
      });
    child.close(slot);
    parent.close(slot);
  }
  const bornIn = doors.find((door) => door.born)?.slot;
  return { join: child.instructions, release: parent.instructions, ...(bornIn ? { bornIn } : {}) };
}
