/**
 * A container's cgroup as parts of its launch program:
 *
 *   create   parent, before the clone: directories, limits, and fds by which the child joins
 *   bornIn   v2: the clone puts the child there (CLONE_INTO_CGROUP, Linux 5.7)
 *   join     child, before it makes its cgroup namespace; it needs neither paths nor rights of the host
 *   release  parent, after the clone: closes what only the child needed
 *   joined   parent, when the child is in: only where another process had to be in before
 *   remove   when all has ended; fails where processes or cgroups are left, and `removeCgroup` does the rest
 *
 * How a process joins decides what a launch costs. A write to cgroup.procs takes a lock against every fork and exit on
 * the machine (cgroup_threadgroup_rwsem), which waits for an RCU grace period unless somebody has just done so. A
 * process that moves itself alone needs no such lock: "0" written to `tasks` of v1, or being born in a v2 cgroup.
 * Measured here with nine v1 hierarchies and a v2 tree (Linux 6.18, two cores, 50 ms between launches, medians):
 *
 *   cgroup.procs everywhere, as runc and crun do       5.5 ms (crun under strace: 6.5 ms in its first write)
 *   tasks in v1, cgroup.procs in v2                    5.4 ms
 *   tasks in v1, CLONE_INTO_CGROUP in v2               0.05 ms
 *
 * The ten mkdirs take 0.15 ms and the ten rmdirs 0.1 ms. So all hierarchies are joined: it is what others do, and what
 * is left out would be saved no time worth having.
 */

import type { DeviceRule, Resources } from "../../spec/runtime/resources.ts";
import type { Slot } from "../program/argument.ts";
import { ProgramBuilder, type SlotAllocator } from "../program/builder.ts";
import type { Instruction } from "../program/instruction.ts";
import type { Cgroup, CgroupDirectory } from "./cgroup.ts";
import { defaultDeviceRules, devicePolicy } from "./devices/rules.ts";
import { createTree } from "./launch/create.ts";
import { joinLists, openDoor } from "./launch/join.ts";
import { openMemoryEvents } from "./launch/memory-events.ts";
import { removalOf } from "./launch/remove.ts";
import { limitsOf } from "./limits/limits.ts";
import { type CgroupMount, cgroupMounts } from "./mounts.ts";
import type { CgroupFinding } from "./setting.ts";

export interface CompileOptions {
  readonly cgroup: Cgroup;
  /** linux.resources */
  readonly resources: Resources | undefined;
  readonly slots: SlotAllocator;
  /** What the kernel is, as [major, minor]. */
  readonly kernel: readonly [number, number];
  /** What every container may do; appended to its own rules. */
  readonly defaultDevices?: readonly DeviceRule[];
  /** The container's own directory may be there already; without it, that is a conflict. */
  readonly existing?: boolean;
  /** v2: controllers that the parent hands on already (`readDelegation`). */
  readonly delegated?: readonly string[];
  /** Whether the kernel has an optional file (`kernelHas`). */
  readonly kernelHas?: (directory: CgroupDirectory, file: string) => boolean;
  /**
   * A process of ours is in the cgroup until the container's is (systemd's scopes): these instructions of the parent then
   * take it out. Nobody is born in such a cgroup, as that a limit of one process would forbid; who joins is not counted.
   */
  readonly vacate?: readonly Instruction[];
  /** v2: host user to whom the cgroup is delegated, for a container with namespaces of its own for users and cgroups. */
  readonly owner?: number;
}

export interface CgroupProgram {
  readonly create: readonly Instruction[];
  readonly bornIn?: Slot;
  readonly join: readonly Instruction[];
  readonly release: readonly Instruction[];
  /** Parent, when the child has joined and says so. */
  readonly joined?: readonly Instruction[];
  readonly remove: readonly Instruction[];
  /** memory.events (v2) or memory.oom_control (v1), open for the supervisor; `release` leaves it open. */
  readonly memoryEvents?: Slot;
  /** For mounts of the type `cgroup` inside the container. */
  readonly mounts: readonly CgroupMount[];
  /** What the resources ask for and this host does not have. */
  readonly findings: readonly CgroupFinding[];
}

export function compileCgroup(options: CompileOptions): CgroupProgram {
  const { cgroup, resources = {}, slots, kernel } = options;
  const { settings, findings } = limitsOf(cgroup, resources, options);
  const policy = devicePolicy([
    ...(resources.devices ?? []),
    ...(options.defaultDevices ?? defaultDeviceRules),
  ]);
  const p = new ProgramBuilder();
  const context = {
    p,
    cgroup,
    settings,
    policy,
    hierarchy: slots.slot("cgroup hierarchy"),
    file: slots.slot("cgroup file"),
    other: slots.slot("another cgroup file"),
    existing: options.existing ?? false,
    delegated: options.delegated ?? [],
    owner: options.owner,
  };
  const doors = cgroup.directories.map((directory) => {
    const door = openDoor(slots, directory, { kernel, born: options.vacate === undefined });
    createTree(context, directory, door);
    return door;
  });
  const memoryEvents = openMemoryEvents(p, cgroup, slots);
  return {
    create: p.instructions,
    ...joinLists(doors),
    ...(options.vacate ? { joined: options.vacate } : {}),
    remove: removalOf(cgroup, slots, options.vacate !== undefined),
    ...(memoryEvents ? { memoryEvents } : {}),
    mounts: cgroupMounts(cgroup),
    findings,
  };
}
