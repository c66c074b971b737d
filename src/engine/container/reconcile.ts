/**
 * What a brig that was killed has left half done, put right by the next one: containers whose starter or remover is
 * gone, and containers whose shim is gone, with or without having left an exit.
 */

import { messageOf } from "../../base/errors.ts";
import type { EngineHost } from "../host.ts";
import { isAlive } from "./alive.ts";
import { type ContainerRecord, listContainers } from "./records.ts";
import { exitOf, finishedAt } from "./settle.ts";

/** A cheap look first: mostly there is nothing to do. What cannot be put right is told, and tried by the next brig. */
export async function reconcile(host: EngineHost): Promise<void> {
  for (const record of listContainers(host.database, ["starting", "running", "paused", "removing"])) {
    if (!isStale(host, record)) continue;
    try {
      const { putRight } = await import("./put-right.ts");
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
