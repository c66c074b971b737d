/**
 * All limits of linux.resources but the devices, as settings in the order in which they are written. Which version a
 * limit is written for depends on where its controller lives: in a hybrid layout some may be in the v2 tree.
 */

import type { Resources } from "../../../spec/runtime/resources.ts";
import { type Cgroup, directoryOf, treeName } from "../cgroup.ts";
import type { CgroupFinding, Setting, SettingContext, Settings } from "../setting.ts";
import { blockIoLimits } from "./block-io.ts";
import { cpuLimits } from "./cpu.ts";
import { cpusetLimits } from "./cpuset.ts";
import { hugetlbLimits } from "./hugetlb.ts";
import { memoryLimits } from "./memory.ts";
import { networkLimits } from "./network.ts";
import { pidsLimits } from "./pids.ts";
import { rdmaLimits } from "./rdma.ts";
import { unifiedLimits } from "./unified.ts";

export interface Limits {
  readonly settings: readonly Setting[];
  /** What of the resources this host cannot keep. */
  readonly findings: readonly CgroupFinding[];
}

export interface LimitsOptions extends Pick<SettingContext, "update"> {
  /** Whether the kernel has a file of the hierarchy; without it every file is taken to be there. */
  readonly kernelHas?: (directory: Cgroup["directories"][number], file: string) => boolean;
}

export function limitsOf(cgroup: Cgroup, resources: Resources, options: LimitsOptions = {}): Limits {
  const settings: Setting[] = [];
  const findings: CgroupFinding[] = [];
  for (const found of allLimits(cgroup, resources, options)) {
    const finding = found.kind === "setting" ? missing(cgroup, found, options) : found;
    if (finding) findings.push(finding);
    else settings.push(found as Setting);
  }
  return { settings, findings };
}

function* allLimits(cgroup: Cgroup, r: Resources, { update }: LimitsOptions): Settings {
  const context = (controller: string): SettingContext => ({
    version: directoryOf(cgroup, controller)?.version ?? (cgroup.mode === "v2" ? 2 : 1),
    ...(update ? { update } : {}),
  });
  if (r.cpu) yield* cpusetLimits(r.cpu);
  if (r.memory) yield* memoryLimits(r.memory, context("memory"));
  if (r.cpu) yield* cpuLimits(r.cpu, context("cpu"));
  if (r.pids) yield* pidsLimits(r.pids);
  if (r.blockIO) yield* blockIoLimits(r.blockIO, context(directoryOf(cgroup, "blkio") ? "blkio" : "io"));
  if (r.hugepageLimits) yield* hugetlbLimits(r.hugepageLimits, context("hugetlb"));
  if (r.network) yield* networkLimits(r.network, context("net_cls"));
  if (r.rdma) yield* rdmaLimits(r.rdma);
  if (r.unified) yield* unifiedLimits(r.unified, cgroup.mode);
}

function missing(cgroup: Cgroup, setting: Setting, options: LimitsOptions): CgroupFinding | undefined {
  const { controller, file, from, why } = setting;
  const directory = directoryOf(cgroup, controller);
  if (!directory) {
    const message = `cannot ${why}: the cgroup controller ${controller} is not mounted or not in the kernel`;
    return { kind: "missing-controller", controller, from, message };
  }
  if (
    !setting.optional ||
    directory.version !== 1 ||
    !options.kernelHas ||
    options.kernelHas(directory, file)
  )
    return undefined;
  const message = `cannot ${why}: the kernel has no ${file} in the ${treeName(directory)} hierarchy`;
  return { kind: "missing-file", controller, file, from, message };
}
