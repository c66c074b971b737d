/** The cgroup of a container on this host: its place, its limits, and how it goes. */

import type { Cgroup } from "../../kernel/cgroup/cgroup.ts";
import { type CgroupProgram, compileCgroup } from "../../kernel/cgroup/compile.ts";
import { parseCgroupsPath, placeCgroup } from "../../kernel/cgroup/path.ts";
import { kernelHas, readDelegation, readHierarchy } from "../../kernel/cgroup/read-hierarchy.ts";
import type { SlotAllocator } from "../../kernel/program/builder.ts";
import type { RuntimeConfig } from "../../spec/runtime/config.ts";

export interface PlannedCgroup {
  readonly cgroup: Cgroup;
  readonly program: CgroupProgram;
}

export function cgroupAt(path: string): Cgroup {
  return placeCgroup(readHierarchy("/proc"), parseCgroupsPath(path, { id: "", driver: "cgroupfs" }));
}

export function planCgroup(
  config: RuntimeConfig,
  slots: SlotAllocator,
  kernel: readonly [number, number],
): PlannedCgroup {
  const cgroup = cgroupAt(config.linux!.cgroupsPath!);
  const program = compileCgroup({
    cgroup,
    resources: config.linux?.resources,
    slots,
    kernel,
    // The rules of the config say everything.
    defaultDevices: [],
    delegated: readDelegation(cgroup),
    kernelHas,
  });
  return { cgroup, program };
}
