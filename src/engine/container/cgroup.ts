/**
 * The cgroup of a container on this host: its place, its limits, and how it goes. It is a folder of brig's own, or below
 * the one that `--cgroup-parent` names; where that is a slice and systemd manages slices, a scope in it.
 */

import type { Cgroup } from "../../kernel/cgroup/cgroup.ts";
import { type CgroupProgram, compileCgroup } from "../../kernel/cgroup/compile.ts";
import { leaveCaller } from "../../kernel/cgroup/leave.ts";
import { type CgroupsPath, parseCgroupsPath, placeCgroup } from "../../kernel/cgroup/path.ts";
import { kernelHas, readDelegation, readHierarchy } from "../../kernel/cgroup/read-hierarchy.ts";
import type { SlotAllocator } from "../../kernel/program/builder.ts";
import type { Instruction } from "../../kernel/program/instruction.ts";
import { isBooted } from "../../kernel/systemd/booted.ts";
import type { ScopeOptions } from "../../kernel/systemd/scope.ts";
import { planSeat } from "../../kernel/systemd/seat.ts";
import type { Scope } from "../../kernel/systemd/systemd.ts";
import type { RuntimeConfig } from "../../spec/runtime/config.ts";
import type { ContainerSpec } from "./spec.ts";
import { cgroupOwner } from "./user-namespace.ts";

export interface PlannedCgroup {
  readonly cgroup: Cgroup;
  /** What systemd is asked for before the program may run. */
  readonly scope?: ScopeOptions;
  readonly program: CgroupProgram;
  /** The shim's own way out of the cgroup of whoever starts it. */
  readonly leave: readonly Instruction[];
}

/** `linux.cgroupsPath`, as `cgroupAt` and OCI runtimes take it. `own` is the folder of this root's containers. */
export function cgroupsPathOf(own: string, id: string, spec: ContainerSpec): string {
  const parent = spec.resources?.cgroupParent ?? own;
  return scopeOf(id, spec) ? `${parent}:brig:${id}` : `${parent.startsWith("/") ? "" : "/"}${parent}/${id}`;
}

/** Where systemd makes the cgroup. A slice that is named by its path is a folder like any other. */
export function scopeOf(id: string, { resources }: ContainerSpec): Scope | undefined {
  const { cgroupParent: slice } = resources ?? {};
  if (!slice?.endsWith(".slice") || slice.includes("/") || !isBooted()) return undefined;
  return { unit: `brig-${id}.scope`, slice };
}

export function cgroupAt(path: string, hierarchy = readHierarchy("/proc")): Cgroup {
  const at = parsePath(path);
  return placeCgroup(at.kind === "systemd" ? readHierarchy("/proc", 1) : hierarchy, at);
}

export function parsePath(path: string): CgroupsPath {
  return parseCgroupsPath(path, { id: "", driver: path.startsWith("/") ? "cgroupfs" : "systemd" });
}

export function planCgroup(
  config: RuntimeConfig,
  slots: SlotAllocator,
  { kernel, shims }: { readonly kernel: readonly [number, number]; readonly shims: string },
): PlannedCgroup {
  const hierarchy = readHierarchy("/proc");
  const path = config.linux!.cgroupsPath!;
  const cgroup = cgroupAt(path, hierarchy);
  const owner = cgroupOwner(config);
  const at = parsePath(path);
  const seat = at.kind === "systemd" ? planSeat(slots) : undefined;
  const resources = config.linux?.resources;
  const program = compileCgroup({
    cgroup,
    resources,
    slots,
    kernel,
    // The rules of the config say everything.
    defaultDevices: [],
    delegated: readDelegation(cgroup),
    kernelHas,
    ...(seat ? { vacate: seat.leave, existing: true } : {}),
    ...(owner === undefined ? {} : { owner }),
  });
  const scope =
    at.kind === "systemd" && seat
      ? {
          scope: { unit: at.unit, slice: at.slice },
          cgroup,
          seat,
          resources,
          defaultDevices: [],
          annotations: {},
        }
      : undefined;
  return { cgroup, ...(scope ? { scope } : {}), program, leave: leaveCaller(hierarchy, shims, slots) };
}
