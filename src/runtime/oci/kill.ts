/** `kill` (runtime.md#kill): a signal to the container's process, or to every process of its cgroup. */

import { BrigError } from "../../base/errors.ts";
import { sleep } from "../../base/sleep.ts";
import type { Cgroup } from "../../kernel/cgroup/cgroup.ts";
import { thawCgroup } from "../../kernel/cgroup/live/freeze.ts";
import { killCgroup } from "../../kernel/cgroup/live/kill.ts";
import { cgroupPids } from "../../kernel/cgroup/live/pids.ts";
import { isRunning } from "../../kernel/procfs/process.ts";
import { isFrozen } from "./cgroup.ts";
import type { OciContext } from "./context.ts";
import type { ContainerRecord } from "./record.ts";
import { isAlive, statusOf } from "./status.ts";

export interface KillOptions {
  readonly signal: number;
  readonly all: boolean;
}

export const SIGKILL = 9;

export async function killContainer(
  context: OciContext,
  id: string,
  { signal, all }: KillOptions,
): Promise<void> {
  const record = context.store.read(id);
  const { cgroup } = record;
  const status = statusOf(context.store, record, isFrozen);
  const alive = isAlive(status);
  if (!alive && !all)
    throw new BrigError("conflict", `cannot kill ${id}: container not running`, { code: "not-running" });
  // Without a pid namespace the processes outlive the first, which is not what who kills a container means.
  const every = all || (signal === SIGKILL && !record.namespaces.includes("pid"));
  if (cgroup && every) await signalAll(cgroup, signal);
  else signalProcess(record, signal);
  // In v1 a frozen process does not even die.
  if (cgroup && signal === SIGKILL && status === "paused") thawCgroup(cgroup);
}

async function signalAll(cgroup: Cgroup, signal: number): Promise<void> {
  if (signal === SIGKILL) {
    await killCgroup(cgroup, { sleep });
    return;
  }
  for (const pid of cgroupPids(cgroup)) signalPid(pid, signal);
}

/** The start time is looked at first, so that a pid that is used again is not signalled. */
export function signalProcess({ process: target }: ContainerRecord, signal: number): void {
  if (target && isRunning(target)) signalPid(target.pid, signal);
}

function signalPid(pid: number, signal: number): void {
  try {
    process.kill(pid, signal);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ESRCH") throw cause;
  }
}
