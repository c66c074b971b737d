/** What a container is doing, derived anew each time from its process and its fifo: no file says "running". */

import { isRunning } from "../../kernel/procfs/process.ts";
import type { ContainerStatus } from "../../spec/runtime/state.ts";
import type { ContainerRecord } from "./record.ts";
import type { ContainerStore } from "./store.ts";

/** Those of runtime.md#state, and runc's `paused`. */
export type Status = ContainerStatus | "paused";

export function statusOf(
  store: ContainerStore,
  record: ContainerRecord,
  isFrozen: (record: ContainerRecord) => boolean,
): Status {
  const { creator, process } = record;
  if (creator && isRunning(creator)) return "creating";
  if (!process || !isRunning(process)) return "stopped";
  if (isFrozen(record)) return "paused";
  return store.hasFifo(record.id) ? "created" : "running";
}

/** A status that has a process. */
export function isAlive(status: Status): boolean {
  return status !== "stopped" && status !== "creating";
}
