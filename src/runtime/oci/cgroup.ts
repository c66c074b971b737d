/**
 * The container's cgroup: placed as the config says, made by the launch or by systemd before it, and remembered in the
 * record, which is all that later commands need. Without a record of one the caller wanted none (`--cgroup-manager
 * disabled`).
 */

import { BrigError } from "../../base/errors.ts";
import type { Cgroup } from "../../kernel/cgroup/cgroup.ts";
import { type CgroupProgram, compileCgroup } from "../../kernel/cgroup/compile.ts";
import { isFrozen as isCgroupFrozen } from "../../kernel/cgroup/live/freeze.ts";
import { cgroupPids } from "../../kernel/cgroup/live/pids.ts";
import { parseCgroupsPath, placeCgroup } from "../../kernel/cgroup/path.ts";
import { kernelHas, readDelegation, readHierarchy } from "../../kernel/cgroup/read-hierarchy.ts";
import type { SlotAllocator } from "../../kernel/program/builder.ts";
import { requireSystemd } from "../../kernel/systemd/booted.ts";
import type { Seat } from "../../kernel/systemd/seat.ts";
import type { RuntimeConfig } from "../../spec/runtime/config.ts";
import type { ContainerRecord } from "./record.ts";

export function isFrozen({ cgroup }: ContainerRecord): boolean {
  return cgroup !== undefined && isCgroupFrozen(cgroup);
}

/** The cgroup of a container whose commands depend on it. */
export function requireCgroup({ id, cgroup }: ContainerRecord, what: string): Cgroup {
  if (cgroup && cgroup.directories.length > 0) return cgroup;
  throw new BrigError("unsupported", `cannot ${what} ${id}: it has no cgroup`);
}

/** Who makes cgroups. */
export type CgroupDriver = "cgroupfs" | "systemd" | "disabled";

/** Where it is to be; another's processes there, or a freeze, would be the container's too, so they are refused. */
export function placeContainer(
  config: RuntimeConfig,
  id: string,
  driver: CgroupDriver,
): Pick<ContainerRecord, "cgroup" | "scope"> {
  if (driver === "disabled") return {};
  if (driver === "systemd") requireSystemd();
  const at = parseCgroupsPath(config.linux?.cgroupsPath, { id, driver });
  const cgroup = placeCgroup(readHierarchy("/proc", at.kind === "systemd" ? 1 : "self"), at);
  if (cgroupPids(cgroup).length > 0)
    throw new BrigError("conflict", "cannot use a cgroup that is not empty; set linux.cgroupsPath");
  if (isCgroupFrozen(cgroup))
    throw new BrigError("conflict", "cannot use a cgroup that is frozen; thaw it first");
  return { cgroup, ...(at.kind === "systemd" ? { scope: { unit: at.unit, slice: at.slice } } : {}) };
}

/** A limit that this host cannot keep is refused (config.md#valid-values), as runc does. */
export function planCgroup(
  cgroup: Cgroup,
  config: RuntimeConfig,
  host: { readonly slots: SlotAllocator; readonly kernel: readonly [number, number]; readonly seat?: Seat },
): CgroupProgram {
  const owner = delegatedTo(config);
  const { seat, ...rest } = host;
  const plan = compileCgroup({
    cgroup,
    resources: config.linux?.resources,
    existing: true,
    delegated: readDelegation(cgroup),
    kernelHas,
    ...rest,
    ...(seat ? { vacate: seat.leave } : {}),
    ...(owner === undefined ? {} : { owner }),
  });
  const [finding] = plan.findings;
  if (finding) throw new BrigError("unsupported", finding.message);
  return plan;
}

/**
 * config-linux.md#cgroup-ownership: the container's user gets its cgroup if it has a cgroup namespace of its own and
 * sees the hierarchy writable. The id is that of the host; in a user namespace that is joined it is not known.
 */
function delegatedTo({ linux, mounts, process }: RuntimeConfig): number | undefined {
  const namespace = (type: string) => linux?.namespaces?.find((n) => n.type === type);
  if (namespace("cgroup")?.path !== undefined || !namespace("cgroup")) return undefined;
  const mount = mounts?.findLast(
    ({ source, destination }) => source === "cgroup" && destination === "/sys/fs/cgroup",
  );
  if (!mount || mount.options?.includes("ro")) return undefined;
  const uid = process?.user.uid ?? 0;
  // It is root's already.
  if (!namespace("user")) return uid === 0 ? undefined : uid;
  if (namespace("user")?.path !== undefined) return undefined;
  const map = linux?.uidMappings?.find(({ containerID: first, size }) => uid >= first && uid < first + size);
  return map && map.hostID + uid - map.containerID;
}
