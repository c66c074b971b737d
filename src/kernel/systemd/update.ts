/** `update` of a cgroup that may be systemd's. */

import type { Resources } from "../../spec/runtime/resources.ts";
import type { Cgroup } from "../cgroup/cgroup.ts";
import { type UpdateOptions, updateCgroup } from "../cgroup/live/update.ts";
import type { CgroupFinding } from "../cgroup/setting.ts";
import type { Scope } from "./systemd.ts";

/** As `updateCgroup`; systemd is told of what the kernel has not refused. */
export async function updateLimits(
  cgroup: Cgroup,
  scope: Scope | undefined,
  resources: Resources,
  options: UpdateOptions = {},
): Promise<readonly CgroupFinding[]> {
  const findings = await updateCgroup(cgroup, resources, options);
  if (!scope) return findings;
  const { updateScope } = await import("./scope.ts");
  await updateScope(scope, cgroup, resources);
  // What systemd has written meanwhile is not exact.
  return updateCgroup(cgroup, resources, options);
}
