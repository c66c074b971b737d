/** `pause` and `resume`: the container's cgroup is frozen, with every process in it. */

import { BrigError } from "../../base/errors.ts";
import { freezeCgroup, thawCgroup } from "../../kernel/cgroup/live/freeze.ts";
import { isFrozen, requireCgroup } from "./cgroup.ts";
import type { OciContext } from "./context.ts";
import { statusOf } from "./status.ts";

export async function pauseContainer(context: OciContext, id: string): Promise<void> {
  const record = context.store.read(id);
  const status = statusOf(context.store, record, isFrozen);
  if (status !== "running" && status !== "created")
    throw new BrigError("conflict", `cannot pause ${id}: container not running or created: ${status}`);
  await freezeCgroup(requireCgroup(record, "pause"));
}

export function resumeContainer(context: OciContext, id: string): void {
  const record = context.store.read(id);
  const status = statusOf(context.store, record, isFrozen);
  if (status !== "paused")
    throw new BrigError("conflict", `cannot resume ${id}: container not paused: ${status}`);
  thawCgroup(requireCgroup(record, "resume"));
}
