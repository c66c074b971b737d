/**
 * The directories of one hierarchy, from the mount down to the container's own, and its limits. Parents may exist and
 * stay when the container goes. Everything is relative to an fd of the mount, so that nothing mounted over it meanwhile
 * leads elsewhere.
 */

import * as F from "../../abi/files.ts";
import type { Slot } from "../../program/argument.ts";
import type { ProgramBuilder } from "../../program/builder.ts";
import { type Cgroup, type CgroupDirectory, directoryOf, treeName } from "../cgroup.ts";
import type { DevicePolicy } from "../devices/rules.ts";
import type { Setting } from "../setting.ts";
import { copyCpusets } from "./cpusets.ts";
import { delegate } from "./delegate.ts";
import { restrictDevices } from "./devices.ts";
import { enableControllers } from "./enable.ts";
import type { Door } from "./join.ts";
import { writeSetting } from "./write.ts";

/** What the parts share: where the instructions go and the slots they use for a moment. */
export interface CreateContext {
  readonly p: ProgramBuilder;
  readonly cgroup: Cgroup;
  readonly settings: readonly Setting[];
  readonly policy: DevicePolicy;
  /** The mount point of the hierarchy at hand. */
  readonly hierarchy: Slot;
  readonly file: Slot;
  readonly other: Slot;
  readonly existing: boolean;
  readonly delegated: readonly string[];
  readonly owner: number | undefined;
}

export function createTree(c: CreateContext, directory: CgroupDirectory, door: Door): void {
  const { p, hierarchy } = c;
  const name = treeName(directory);
  const settings = c.settings.filter((s) => directoryOf(c.cgroup, s.controller) === directory);
  p.call(
    `open the ${name} hierarchy`,
    "openat",
    [F.AT_FDCWD, directory.mountPoint, F.O_PATH | F.O_DIRECTORY | F.O_CLOEXEC, 0],
    { slot: hierarchy },
  );
  enableControllers(c, directory, settings, "");
  for (const path of ancestorsOf(directory.path)) {
    makeDirectory(c, directory, path, true);
    if (directory.controllers.includes("cpuset") && directory.version === 1) copyCpusets(c, path, []);
    enableControllers(c, directory, settings, path);
  }
  makeDirectory(c, directory, directory.path, c.existing);
  if (directory.controllers.includes("cpuset") && directory.version === 1)
    copyCpusets(c, directory.path, settings);
  for (const setting of settings) writeSetting(c, directory, setting);
  door.open(c);
  if (directoryOf(c.cgroup, "devices") === directory) restrictDevices(c, directory, door);
  if (directory.version === 2 && c.owner !== undefined) delegate(c, directory, c.owner);
  p.close(hierarchy);
}

function makeDirectory(c: CreateContext, tree: CgroupDirectory, path: string, mayExist: boolean): void {
  c.p.call(`make the ${treeName(tree)} cgroup /${path}`, "mkdirat", [c.hierarchy, path, 0o755], {
    from: "linux.cgroupsPath",
    ...(mayExist ? { on: { EEXIST: "continue" } } : {}),
  });
}

/** "a/b/c" → "a", "a/b" */
export function ancestorsOf(path: string): readonly string[] {
  const names = path.split("/");
  return names.slice(0, -1).map((_, i) => names.slice(0, i + 1).join("/"));
}
