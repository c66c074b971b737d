/** `update`: new limits for the cgroup of a container. */

import { BrigError } from "../../base/errors.ts";
import { defaultDeviceRules } from "../../kernel/cgroup/devices/rules.ts";
import { kernelHas } from "../../kernel/cgroup/read-hierarchy.ts";
import { updateLimits } from "../../kernel/systemd/update.ts";
import type { Resources } from "../../spec/runtime/resources.ts";
import { validateResources } from "../../spec/runtime/validate.ts";
import { isFrozen, requireCgroup } from "./cgroup.ts";
import type { OciContext } from "./context.ts";
import { leave, startExecutor } from "./executor.ts";
import { statusOf } from "./status.ts";

export async function updateContainer(context: OciContext, id: string, resources: Resources): Promise<void> {
  for (const warning of validateResources(resources)) context.warn(warning);
  const record = context.store.read(id);
  if (statusOf(context.store, record, isFrozen) === "stopped")
    throw new BrigError("conflict", `cannot update ${id}: container not running`);
  const cgroup = requireCgroup(record, "update");
  const { devices } = resources;
  // v2 exchanges the filter, which takes an executor; what every container may do stays allowed.
  const executor = devices ? startExecutor(context, {}) : undefined;
  const all = { ...resources, ...(devices ? { devices: [...devices, ...defaultDeviceRules] } : {}) };
  try {
    const findings = await updateLimits(cgroup, record.scope, all, {
      kernelHas,
      ...(executor ? { executor } : {}),
    });
    const [finding] = findings;
    if (finding) throw new BrigError("unsupported", finding.message);
  } finally {
    if (executor) await leave(executor);
  }
}
