/** Rules of the cgroup and its limits (runtime-spec, config-linux.md#control-groups). */

import { quote } from "../../schema/schema.ts";
import type { RuntimeConfig } from "../config.ts";
import type { Resources } from "../resources.ts";
import { type Finding, invalid } from "./finding.ts";

export function* controlGroupRules(config: RuntimeConfig): Iterable<Finding> {
  const path = config.linux?.cgroupsPath;
  // A path that climbs would put the container into, and later remove, a cgroup that is not its own.
  if (path?.split("/").includes("..")) {
    yield invalid("linux.cgroupsPath", "must not contain ..", "config-linux.md#cgroups-path");
  }
  if (config.linux?.resources) yield* resourceRules(config.linux.resources, "linux.resources");
}

/** `at` is the place of the resources in their document. */
export function* resourceRules(resources: Resources, at: string): Iterable<Finding> {
  const path = (field: string) => (at === "" ? field : `${at}.${field}`);
  yield* deviceRules(resources.devices ?? [], path);
  yield* memoryRules(resources.memory ?? {}, path);
  yield* cpuRules(resources.cpu ?? {}, path);
  if ((resources.pids?.limit ?? 0) < -1)
    yield invalid(path("pids.limit"), atLeast(-1), "config-linux.md#pids");
  yield* blockRules(resources.blockIO?.weightDevice ?? [], path);
  for (const [index, { pageSize }] of (resources.hugepageLimits ?? []).entries()) {
    if (/^[1-9]\d*[KMG]B$/.test(pageSize)) continue;
    const reason = `must be a size such as 2MB, not ${quote(pageSize)}`;
    yield invalid(path(`hugepageLimits[${index}].pageSize`), reason, "config-linux.md#huge-page-limits");
  }
  for (const [name, { hcaHandles, hcaObjects }] of Object.entries(resources.rdma ?? {})) {
    if (hcaHandles !== undefined || hcaObjects !== undefined) continue;
    yield invalid(path("rdma"), `${quote(name)} must have hcaHandles or hcaObjects`, "config-linux.md#rdma");
  }
  for (const name of Object.keys(resources.unified ?? {})) {
    // The key is a file of the container's cgroup: a slash would reach another one.
    if (/^[^/.][^/]*\.[^/]+$/.test(name)) continue;
    const reason = `${quote(name)} is not a file name of the form controller.parameter`;
    yield invalid(path("unified"), reason, "config-linux.md#unified");
  }
}

type PathOf = (field: string) => string;
const atLeast = (least: number) => `must be at least ${least}`;

function* deviceRules(rules: NonNullable<Resources["devices"]>, path: PathOf): Iterable<Finding> {
  const clause = "config-linux.md#allowed-device-list";
  for (const [index, rule] of rules.entries()) {
    if (rule.access !== undefined && !/^[rwm]+$/.test(rule.access)) {
      yield invalid(
        path(`devices[${index}].access`),
        `must be of r, w and m; not ${quote(rule.access)}`,
        clause,
      );
    }
    for (const field of ["major", "minor"] as const) {
      // -1 is how engines write "all", besides leaving it out.
      if ((rule[field] ?? 0) < -1) yield invalid(path(`devices[${index}].${field}`), atLeast(-1), clause);
    }
  }
}

function* memoryRules(memory: NonNullable<Resources["memory"]>, path: PathOf): Iterable<Finding> {
  const clause = "config-linux.md#memory";
  for (const field of ["limit", "reservation", "swap", "kernel", "kernelTCP"] as const) {
    if ((memory[field] ?? 0) < -1) yield invalid(path(`memory.${field}`), atLeast(-1), clause);
  }
  const { limit = 0, swap = 0 } = memory;
  if (limit > 0 && swap > 0 && swap < limit) {
    yield invalid(path("memory.swap"), "counts memory and swap together: must not be below limit", clause);
  }
  if ((memory.swappiness ?? 0) > 100)
    yield invalid(path("memory.swappiness"), "must be from 0 to 100", clause);
}

function* cpuRules(cpu: NonNullable<Resources["cpu"]>, path: PathOf): Iterable<Finding> {
  const { quota = 0, burst = 0, idle = 0 } = cpu;
  if (quota > 0 && burst > quota) {
    yield invalid(path("cpu.burst"), "must not be larger than quota", "config-linux.md#cpu");
  }
  if (idle < 0 || idle > 1) yield invalid(path("cpu.idle"), "must be 0 or 1", "config-linux.md#cpu");
}

function* blockRules(
  devices: NonNullable<NonNullable<Resources["blockIO"]>["weightDevice"]>,
  path: PathOf,
): Iterable<Finding> {
  for (const [index, { weight, leafWeight }] of devices.entries()) {
    if (weight !== undefined || leafWeight !== undefined) continue;
    const reason = "must have weight or leafWeight";
    yield invalid(path(`blockIO.weightDevice[${index}]`), reason, "config-linux.md#block-io");
  }
}
