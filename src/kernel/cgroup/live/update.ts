/** `update`: new limits for a cgroup that has some, written in an order that the kernel accepts on the way. */

import { BrigError } from "../../../base/errors.ts";
import type { Memory, Resources } from "../../../spec/runtime/resources.ts";
import type { Executor } from "../../executor/executor.ts";
import { type Cgroup, directoryOf, hostPath } from "../cgroup.ts";
import { type LimitsOptions, limitsOf } from "../limits/limits.ts";
import { type CgroupFinding, given, type Setting, sizeText } from "../setting.ts";
import { readCgroupFile, writeCgroupFile } from "./files.ts";
import { updateDevices } from "./update-devices.ts";

export interface UpdateOptions extends Pick<LimitsOptions, "kernelHas"> {
  /** Needed only to change devices in v2. */
  readonly executor?: Executor;
}

/**
 * What `resources` leaves out stays as it is; devices are all rules, the defaults among them, or left out. Limits that
 * depend on each other (memory and swap in v2) must be given together. Answers what this host cannot keep.
 */
export async function updateCgroup(
  cgroup: Cgroup,
  resources: Resources,
  options: UpdateOptions = {},
): Promise<readonly CgroupFinding[]> {
  const { settings, findings } = limitsOf(cgroup, resources, {
    ...options,
    update: { memoryLimit: BigInt(memoryFile(cgroup, "memory.limit_in_bytes") ?? 0) },
  });
  if (resources.memory?.checkBeforeUpdate) refuseBelowUsage(cgroup, resources.memory);
  for (const setting of settings) write(cgroup, setting);
  if (resources.devices) await updateDevices(cgroup, resources.devices, options.executor);
  return findings;
}

function write(cgroup: Cgroup, setting: Setting): void {
  const directory = directoryOf(cgroup, setting.controller)!;
  const path = hostPath(directory);
  const { file, value, why, instead, forgive = [] } = setting;
  // v1 refuses a memory limit below what cannot be reclaimed; the number says by how much.
  const met = writeCgroupFile(path, file, value, why, [
    ...forgive,
    "EBUSY",
    ...(instead ? ["ENOENT" as const] : []),
  ]);
  if (met === "EBUSY" && !forgive.includes("EBUSY")) throw busy(cgroup, setting);
  if (met === "ENOENT" && instead) writeCgroupFile(path, instead.file, instead.value, why, forgive);
}

function busy(cgroup: Cgroup, { why, controller }: Setting): BrigError {
  const usage = controller === "memory" ? memoryFile(cgroup, "memory.usage_in_bytes") : undefined;
  const peak = controller === "memory" ? memoryFile(cgroup, "memory.max_usage_in_bytes") : undefined;
  const reason = usage
    ? `it uses ${sizeText(BigInt(usage))}, and has used ${sizeText(BigInt(peak ?? usage))}`
    : "device or resource busy";
  return new BrigError("conflict", `cannot ${why}: ${reason}`, { code: "EBUSY" });
}

/** v2 would kill processes until the new limit holds. */
function refuseBelowUsage(cgroup: Cgroup, { limit, swap }: Memory): void {
  const usage = memoryFile(cgroup, "memory.current");
  if (usage === undefined) return;
  for (const wanted of [swap, limit])
    if (given(wanted) && wanted > 0 && BigInt(wanted) <= BigInt(usage))
      throw new BrigError(
        "conflict",
        `cannot limit memory to ${sizeText(wanted)}: it uses ${sizeText(BigInt(usage))} already`,
      );
}

function memoryFile(cgroup: Cgroup, file: string): string | undefined {
  const directory = directoryOf(cgroup, "memory");
  return directory && readCgroupFile(hostPath(directory), file)?.trim();
}
