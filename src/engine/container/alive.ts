/** Whether a container's shim is there, and the end of one that is not wanted any more. */

import { identityOf, pidOf } from "../../image/store/owner.ts";
import { awaitEnd, identifyProcess, isDying, killProcess } from "../../kernel/procfs/process.ts";
import type { EngineHost } from "../host.ts";
import type { ContainerRecord } from "./records.ts";

/** From before its launch until what follows its end is done: the shim itself executes `brig settle`. */
export function isAlive(host: EngineHost, { shim }: Pick<ContainerRecord, "shim">): boolean {
  return shim !== undefined && host.owner.isAlive(shim);
}

/** Resolves when no process is left that was killed and has not gone yet; some of the ids may be absent. */
export async function awaitDying(ids: readonly (string | undefined)[]): Promise<void> {
  const processes = ids.filter((id) => id !== undefined).map(identityOf);
  await Promise.all(processes.filter((each) => isDying(each)).map((each) => awaitEnd(each, patience)));
}

/** Resolves when it has gone, or when that takes too long: then what it is in cannot be removed yet. */
export async function awaitShim(host: EngineHost, record: Pick<ContainerRecord, "shim">): Promise<void> {
  const identity = record.shim === undefined ? undefined : identifyProcess(Number(pidOf(record.shim)));
  if (identity && host.owner.isAlive(record.shim!)) await awaitEnd(identity, patience);
}

/** Milliseconds for a process that has nothing more to do, or is killed, to be gone. */
const patience = 5000;

/** Kills a shim at whatever it is doing; its container dies with it, or with its cgroup. */
export async function killShim(host: EngineHost, record: Pick<ContainerRecord, "shim">): Promise<void> {
  if (!isAlive(host, record)) return;
  const identity = identifyProcess(Number(pidOf(record.shim!)));
  if (identity && isAlive(host, record)) await killProcess(identity, patience);
}
