/**
 * What a brig that was killed has left half done, put right by the next one: containers whose starter or remover is
 * gone, and containers whose shim is gone, with or without having left an exit.
 */

import type { Exit } from "../../kernel/shim/wire.ts";
import type { EngineHost } from "../host.ts";
import { isAlive } from "./alive.ts";
import { type ContainerRecord, listContainers, updateContainer } from "./records.ts";
import { removeFiles } from "./remove.ts";
import { cleanHost, exitOf, settleContainer } from "./settle.ts";

/** A cheap look first: mostly there is nothing to do. */
export async function reconcile(host: EngineHost): Promise<void> {
  for (const record of listContainers(host.database, ["starting", "running", "paused", "removing"]))
    if (await isStale(host, record)) await putRight(host, record);
}

async function isStale(host: EngineHost, record: ContainerRecord): Promise<boolean> {
  if (record.owner !== undefined && host.owner.isAlive(record.owner)) return false;
  return record.state === "starting" || record.state === "removing" || !isAlive(host, record);
}

async function putRight(host: EngineHost, record: ContainerRecord): Promise<void> {
  // Claimed, so that of several brigs only one does it.
  const claim = host.database.transaction(() => {
    const now = host.database.get("SELECT owner, state FROM container WHERE id = ?", record.id);
    if (!now || now.state !== record.state || (now.owner ?? undefined) !== record.owner) return false;
    return updateContainer(host.database, record.id, { owner: host.owner.id });
  });
  if (!claim) return;
  if (record.state === "removing") {
    await cleanHost(host, record);
    await removeFiles(host, record.id);
    host.database.run("DELETE FROM container WHERE id = ?", record.id);
    return;
  }
  const exit = exitOf(host, record.id);
  if (!exit) await cleanHost(host, record);
  await settleContainer(host, record.id, exit ?? killed(host));
}

/** The shim died, and its container with it: as SIGKILL would have it. */
function killed(host: EngineHost): Exit {
  return {
    code: 137,
    signal: 9,
    outOfMemory: false,
    coreDumped: false,
    finishedAt: BigInt(host.now()) * 1_000_000n,
  };
}
