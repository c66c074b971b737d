/** The cgroup of a container on this host: its place, its limits, and how it goes. */

import type { Cgroup } from "../../kernel/cgroup/cgroup.ts";
import { type CgroupProgram, compileCgroup } from "../../kernel/cgroup/compile.ts";
import { leaveCaller } from "../../kernel/cgroup/leave.ts";
import { parseCgroupsPath, placeCgroup } from "../../kernel/cgroup/path.ts";
import { kernelHas, readDelegation, readHierarchy } from "../../kernel/cgroup/read-hierarchy.ts";
import type { SlotAllocator } from "../../kernel/program/builder.ts";
import type { Instruction } from "../../kernel/program/instruction.ts";
import type { RuntimeConfig } from "../../spec/runtime/config.ts";
import { cgroupOwner } from "./user-namespace.ts";

export interface PlannedCgroup {
  readonly cgroup: Cgroup;
  readonly program: CgroupProgram;
  /** The shim's own way out of the cgroup of whoever starts it. */
  readonly leave: readonly Instruction[];
}

export function cgroupAt(path: string, hierarchy = readHierarchy("/proc")): Cgroup {
  return placeCgroup(hierarchy, parseCgroupsPath(path, { id: "", driver: "cgroupfs" }));
}

export function planCgroup(
  config: RuntimeConfig,
  slots: SlotAllocator,
  { kernel, shims }: { readonly kernel: readonly [number, number]; readonly shims: string },
): PlannedCgroup {
  const hierarchy = readHierarchy("/proc");
  const cgroup = cgroupAt(config.linux!.cgroupsPath!, hierarchy);
  const owner = cgroupOwner(config);
  const program = compileCgroup({
    cgroup,
    resources: config.linux?.resources,
    slots,
    kernel,
    // The rules of the config say everything.
    defaultDevices: [],
    delegated: readDelegation(cgroup),
    kernelHas,
    ...(owner === undefined ? {} : { owner }),
  });
  return { cgroup, program, leave: leaveCaller(hierarchy, shims, slots) };
}
