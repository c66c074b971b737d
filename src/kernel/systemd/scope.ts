/**
 * The scope of a container: a unit of systemd's, and so a cgroup that systemd knows of, while a launch program does with
 * it what it does with any cgroup (config-linux.md#cgroups-path; runc's and crun's systemd driver). systemd is told of
 * the limits first and writes them in its own way; the program then writes them exactly, and those it was not told of.
 *
 * A scope that is empty systemd takes away by itself, so that nothing stays of a container whose maker was killed.
 */

import { readFileSync } from "node:fs";
import { BrigError } from "../../base/errors.ts";
import { sleep } from "../../base/sleep.ts";
import type { DeviceRule, Resources } from "../../spec/runtime/resources.ts";
import { type Cgroup, directoryOf, isManaged } from "../cgroup/cgroup.ts";
import { devicePolicy } from "../cgroup/devices/rules.ts";
import { limitsOf } from "../cgroup/limits/limits.ts";
import { freezeCgroup, isFrozen, thawCgroup } from "../cgroup/live/freeze.ts";
import { readHierarchy } from "../cgroup/read-hierarchy.ts";
import type { Executor } from "../executor/executor.ts";
import { annotatedProperties } from "./annotations.ts";
import { deviceProperties } from "./devices.ts";
import { limitProperties } from "./limits.ts";
import type { Property } from "./property.ts";
import { type Seat, takeSeat } from "./seat.ts";
import { type Scope, Systemd } from "./systemd.ts";

export interface ScopeOptions {
  readonly scope: Scope;
  /** Where the scope's cgroup will be. */
  readonly cgroup: Cgroup;
  readonly seat: Seat;
  readonly resources: Resources | undefined;
  /** Rules for devices that follow those of the resources. */
  readonly defaultDevices: readonly DeviceRule[];
  readonly annotations: Readonly<Record<string, string>> | undefined;
}

/** The unit is there, with the seat taken and all limits that systemd has words for. */
export async function startScope(executor: Executor, options: ScopeOptions): Promise<void> {
  const { scope, cgroup, seat, resources = {}, defaultDevices, annotations } = options;
  const properties = [
    ...limitProperties(cgroup, limitsOf(cgroup, resources).settings),
    ...deviceProperties(
      cgroup,
      devicePolicy([...(resources.devices ?? []), ...defaultDevices]),
      readFileSync("/proc/devices", "utf8"),
    ),
    // The last one of a name holds.
    ...annotatedProperties(annotations),
  ];
  using systemd = await Systemd.connect();
  const pid = await takeSeat(executor, seat);
  await start(systemd, scope, [...nature(scope, pid), ...properties]);
  if (isIn(cgroup, pid)) return;
  await systemd.stop(scope.unit);
  throw new BrigError("internal", `cannot find the cgroup of ${scope.unit}: systemd has put it elsewhere`);
}

/** By the hierarchies that are systemd's own: in v1 it leaves some of the others alone. */
function isIn({ directories }: Cgroup, pid: number): boolean {
  const { trees } = readHierarchy("/proc", pid);
  return directories
    .filter(isManaged)
    .every(({ mountPoint, path }) =>
      trees.some((tree) => tree.mountPoint === mountPoint && tree.own === `/${path}`),
    );
}

/** What every container's scope is. */
function nature({ unit }: Scope, pid: number): readonly Property[] {
  const yes = (name: string): Property => ({ name, signature: "b", value: true });
  return [
    { name: "Description", signature: "s", value: `brig container ${unit.replace(/\.scope$/, "")}` },
    { name: "PIDs", signature: "au", value: [pid] },
    // What is below the cgroup is the container's, and all controllers are there.
    yes("Delegate"),
    ...["MemoryAccounting", "CPUAccounting", "TasksAccounting"].map(yes),
    // It is stopped by us, not when the host goes down: others order themselves after the engine.
    { name: "DefaultDependencies", signature: "b", value: false },
    // One that has failed, for want of memory, is forgotten as one that has not.
    { name: "CollectMode", signature: "s", value: "inactive-or-failed", since: 236 },
  ];
}

/** A unit of that name that nobody is in any more is on its way out. */
async function start(systemd: Systemd, scope: Scope, properties: readonly Property[]): Promise<void> {
  for (let round = 1; ; round++) {
    try {
      return await systemd.startScope(scope, properties);
    } catch (error) {
      if (!(error instanceof BrigError) || error.code !== "org.freedesktop.systemd1.UnitExists") throw error;
      if (round === rounds)
        throw new BrigError("conflict", error.message, { code: error.code, cause: error });
      await systemd.forget(scope.unit);
      await sleep(pauseBetween);
    }
  }
}

/** Five seconds in all. */
const rounds = 100;
const pauseBetween = 50;

/** systemd's part of an `update`; what it writes is not exact. `resources.devices` are all rules, or left out. */
export async function updateScope(scope: Scope, cgroup: Cgroup, resources: Resources): Promise<void> {
  const { devices } = resources;
  const properties = [
    ...limitProperties(cgroup, limitsOf(cgroup, resources).settings),
    ...(devices
      ? deviceProperties(cgroup, devicePolicy(devices), readFileSync("/proc/devices", "utf8"))
      : []),
  ];
  if (properties.length === 0) return;
  using systemd = await Systemd.connect();
  const set = () => systemd.setProperties(scope.unit, properties);
  // In v1 systemd takes all devices away before it gives some: nobody is to see that.
  const pause = devices && directoryOf(cgroup, "devices")?.version === 1 && !isFrozen(cgroup);
  if (!pause) return await set();
  await freezeCgroup(cgroup);
  try {
    await set();
  } finally {
    thawCgroup(cgroup);
  }
}

/** Nothing is left of the unit; it may be gone already. */
export async function stopScope({ unit }: Scope): Promise<void> {
  using systemd = await Systemd.connect();
  await systemd.stop(unit);
}
