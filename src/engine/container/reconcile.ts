/**
 * What a brig that was killed has left half done, put right by the next one: containers whose starter or remover is
 * gone, and containers whose shim is gone, with or without having left an exit.
 */

import { messageOf } from "../../base/errors.ts";
import type { Exit } from "../../kernel/shim/wire.ts";
import type { EngineHost } from "../host.ts";
import { isAlive, killShim } from "./alive.ts";
import { cleanHost } from "./clean-host.ts";
import { type ContainerRecord, listContainers, updateContainer } from "./records.ts";
import { finishRemoval } from "./remove.ts";
import { exitOf, finishedAt, settleContainer } from "./settle.ts";

/** A cheap look first: mostly there is nothing to do. What cannot be put right is told, and tried by the next brig. */
export async function reconcile(host: EngineHost): Promise<void> {
  for (const record of listContainers(host.database, ["starting", "running", "paused", "removing"])) {
    if (!isStale(host, record)) continue;
    try {
      await putRight(host, record);
    } catch (error) {
      host.warn(`cannot clean up after container ${record.name}: ${messageOf(error)}`);
    }
  }
}

/** Milliseconds that whoever waits for an end, and may be stopped, has for recording it. */
const patience = 2000;

/** A shim lives on until somebody, in the end itself, has recorded what follows. */
function isStale(host: EngineHost, record: ContainerRecord): boolean {
  if (record.owner !== undefined && host.owner.isAlive(record.owner)) return false;
  if (record.state === "removing" || !isAlive(host, record)) return true;
  const exit = exitOf(host, record);
  return exit ? host.now() - finishedAt(exit) > patience : record.state === "starting";
}

async function putRight(host: EngineHost, record: ContainerRecord): Promise<void> {
  if (!claim(host, record)) return;
  if (record.state === "removing") return finishRemoval(host, record);
  const exit = exitOf(host, record);
  if (!exit) {
    await killShim(host, record);
    await cleanHost(host, record);
  }
  await settleContainer(host, { id: record.id, shim: record.shim }, exit ?? killed(host));
}

/** Of several brigs only one does it. */
function claim(host: EngineHost, record: ContainerRecord): boolean {
  return host.database.transaction(() => {
    const now = host.database.get("SELECT owner, shim, state FROM container WHERE id = ?", record.id);
    const same =
      now?.state === record.state &&
      (now.owner ?? undefined) === record.owner &&
      (now.shim ?? undefined) === record.shim;
    return same && updateContainer(host.database, record.id, { owner: host.owner.id });
  });
}

/** The shim died, and its container with it: as SIGKILL would have it. */
function killed(host: EngineHost): Exit {
  return {
    code: 137,
    signal: 9,
    outOfMemory: false,
    coreDumped: false,
    logRotations: 0,
    finishedAt: BigInt(host.now()) * 1_000_000n,
  };
}
