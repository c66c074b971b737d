/** What a launch by another runtime is told, beside what every launch is. */

import type { ContainerId, HostPath } from "../../../base/ids.ts";
import { openMemoryEvents } from "../../../kernel/cgroup/launch/memory-events.ts";
import { removalOf } from "../../../kernel/cgroup/launch/remove.ts";
import { leaveCaller } from "../../../kernel/cgroup/leave.ts";
import { readHierarchy } from "../../../kernel/cgroup/read-hierarchy.ts";
import { ProgramBuilder, type SlotAllocator } from "../../../kernel/program/builder.ts";
import {
  compileExternalLaunch,
  type ExternalLaunch,
  type ExternalOptions,
  type SupervisedLaunch,
} from "../../../runtime/external/launch.ts";
import { externalRuntime, runtimeFiles } from "../../../runtime/external/runtime.ts";

import type { RuntimeConfig } from "../../../spec/runtime/config.ts";
import { paths, type Roots } from "../../roots.ts";
import { cgroupAt, type PlannedCgroup, parsePath, scopeOf } from "../cgroup.ts";
import { networkOf } from "../network-choice.ts";
import type { ContainerSpec } from "../spec.ts";

/** `prefix` tells the calls of one container apart. */
export function externalOptions(
  roots: Roots,
  id: ContainerId,
  spec: ContainerSpec,
  prefix = "runtime",
): ExternalOptions {
  const managed = scopeOf(id, spec) !== undefined;
  const runtime = externalRuntime(spec.runtime as HostPath, networkOf(spec).kind, managed);
  return {
    id,
    runtime,
    files: runtimeFiles(paths.run(roots, id), prefix),
    hidden: runtime.needsPureLegacy ? mixedTrees() : [],
  };
}

export function planExternalLaunch(
  roots: Roots,
  {
    id,
    spec,
    config,
  }: { readonly id: ContainerId; readonly spec: ContainerSpec; readonly config: RuntimeConfig },
  options: SupervisedLaunch,
): ExternalLaunch {
  const bundle = paths.run(roots, id);
  return compileExternalLaunch(config, { ...options, bundle }, externalOptions(roots, id, spec));
}

function mixedTrees(): readonly string[] {
  const { mode, trees } = readHierarchy("/proc");
  const mixed = trees.filter(({ version, controllers }) => version === 2 && controllers.length > 0);
  return mode === "hybrid" ? mixed.map(({ mountPoint }) => mountPoint) : [];
}

/** The runtime makes the cgroup and limits it: what is done to it by us comes when it is there (`create`), and last. */
export function planExternalCgroup(
  config: RuntimeConfig,
  slots: SlotAllocator,
  { shims }: { readonly shims: string },
): PlannedCgroup {
  const hierarchy = readHierarchy("/proc");
  const path = config.linux!.cgroupsPath!;
  const cgroup = cgroupAt(path, hierarchy);
  const p = new ProgramBuilder();
  const memoryEvents = openMemoryEvents(p, cgroup, slots);
  const program = {
    create: p.instructions,
    join: [],
    release: [],
    remove: removalOf(cgroup, slots, parsePath(path).kind === "systemd"),
    mounts: [],
    findings: [],
    ...(memoryEvents ? { memoryEvents } : {}),
  };
  return { cgroup, program, leave: leaveCaller(hierarchy, shims, slots) };
}
