/** `delete` (runtime.md#delete): what create made is removed, then the poststop hooks run. */

import { BrigError, messageOf } from "../../base/errors.ts";
import { thawCgroup } from "../../kernel/cgroup/live/freeze.ts";
import { awaitEnd } from "../../kernel/procfs/process.ts";
import { releaseCgroup } from "../../kernel/systemd/release.ts";
import { parseRuntimeConfig, type RuntimeConfig } from "../../spec/runtime/config.ts";
import { isFrozen } from "./cgroup.ts";
import { specState } from "./container-state.ts";
import type { OciContext } from "./context.ts";
import { runPoststop } from "./host-hooks.ts";
import { SIGKILL, signalProcess } from "./kill.ts";
import type { ContainerRecord } from "./record.ts";
import { statusOf } from "./status.ts";

/** How long a killed process may take to end, in milliseconds; runc's patience. */
const patience = 10_000;

export async function deleteContainer(context: OciContext, id: string, force: boolean): Promise<void> {
  const record = readUnlessGone(context, id, force);
  if (!record) return;
  const status = statusOf(context.store, record, isFrozen);
  // A created container has run nothing of the user's yet; runc deletes it without being forced.
  if (status !== "stopped" && status !== "created" && !force)
    throw new BrigError(
      "conflict",
      `cannot delete container ${id} that is not stopped: ${status}; kill it first or use --force`,
    );
  await destroyContainer(context, record);
}

function readUnlessGone(context: OciContext, id: string, force: boolean): ContainerRecord | undefined {
  try {
    return context.store.read(id);
  } catch (error) {
    if (!force || !(error instanceof BrigError) || error.kind !== "not-found") throw error;
    // What a crash left between taking the id and describing it.
    context.store.remove(id);
    return undefined;
  }
}

/** Kills what still runs, waits for its end, and removes every trace. */
export async function destroyContainer(context: OciContext, record: ContainerRecord): Promise<void> {
  const { id, process } = record;
  const { cgroup } = record;
  signalProcess(record, SIGKILL);
  // In v1 a frozen process does not even die.
  if (cgroup && isFrozen(record)) thawCgroup(cgroup);
  if (process && !(await awaitEnd(process, patience)))
    throw new BrigError("unavailable", `cannot delete ${id}: its process ${process.pid} does not end`);
  if (cgroup) await releaseCgroup(cgroup, record.scope);
  const config = readConfig(context, id);
  context.store.remove(id);
  await runPoststop(context, config?.hooks?.poststop, specState(record, "stopped", 0));
}

/** Parsed only where it can matter. A config that cannot be read any more must not keep the container from being deleted. */
function readConfig(context: OciContext, id: string): RuntimeConfig | undefined {
  try {
    const text = context.store.readConfig(id);
    return text.includes('"poststop"') ? parseRuntimeConfig(text) : undefined;
  } catch (error) {
    context.warn(`cannot run the poststop hooks of ${id}: ${messageOf(error)}`);
    return undefined;
  }
}
