/**
 * linux.resources.cpu.cpus and .mems (cpuset(7)). In v1 a new cgroup's sets are empty and nothing may join it: what is
 * not given here is copied from the parent when the directory is made.
 */

import type { Cpu } from "../../../spec/runtime/resources.ts";
import type { Settings } from "../setting.ts";

export function* cpusetLimits({ cpus, mems }: Cpu): Settings {
  const base = { kind: "setting", controller: "cpuset" } as const;
  if (cpus)
    yield {
      ...base,
      file: "cpuset.cpus",
      value: cpus,
      why: `run it on the CPUs ${cpus}`,
      from: "linux.resources.cpu.cpus",
    };
  if (mems)
    yield {
      ...base,
      file: "cpuset.mems",
      value: mems,
      why: `take memory from the nodes ${mems}`,
      from: "linux.resources.cpu.mems",
    };
}
