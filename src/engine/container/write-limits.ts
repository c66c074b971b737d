/** The limits of a running container that may change, written to its cgroup. */

import { kernelHas } from "../../kernel/cgroup/read-hierarchy.ts";
import type { CgroupFinding } from "../../kernel/cgroup/setting.ts";
import { updateLimits } from "../../kernel/systemd/update.ts";
import { scopeOf } from "./cgroup.ts";
import { type ContainerRecord, runningCgroup } from "./records.ts";
import { changeableResources } from "./resources.ts";
import type { ContainerSpec } from "./spec.ts";

/** Resolves with what this host cannot keep of them. */
export function writeLimits(record: ContainerRecord, spec: ContainerSpec): Promise<readonly CgroupFinding[]> {
  const scope = scopeOf(record.id, record.spec);
  return updateLimits(runningCgroup(record), scope, changeableResources(spec), { kernelHas });
}
