/** `kill` (runtime.md#kill): a signal to the container's process, or to every process of its cgroup. */

import { BrigError } from "../../base/errors.ts";
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
  const status = statusOf(context.store, record, isFrozen);
  if (!isAlive(status) && !all)
    throw new BrigError("conflict", `cannot kill ${id}: container not running`, { code: "not-running" });
  signalProcess(record, signal);
}

/** The start time is looked at first, so that a pid that is used again is not signalled. */
export function signalProcess({ process: target }: ContainerRecord, signal: number): void {
  if (!target || !isRunning(target)) return;
  try {
    process.kill(target.pid, signal);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "ESRCH") throw cause;
  }
}
