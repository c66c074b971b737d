/**
 * What a brig that was killed has left half done, put right by the next one: containers whose starter or remover is
 * gone, or whoever paused, changed or restarted them, and containers whose shim is gone, with or without having left an
 * exit.
 */

import { messageOf } from "../../base/errors.ts";
import type { EngineHost } from "../host.ts";
import { awaitDying, isAlive } from "./alive.ts";
import { type ContainerRecord, listContainers, listRestarting } from "./records.ts";
import { exitOf, finishedAt } from "./settle.ts";

/**
 * Looks, later than it is called, and once for all who call before it looks: a hundred clients of a service that each ask
 * after a container would otherwise have each container looked at a hundred times.
 */
export function reconcile(host: EngineHost): Promise<void> {
  const { reconciliation } = host;
  if (!reconciliation) return look(host);
  reconciliation.next ??= turn().then(() => {
    reconciliation.next = undefined;
    return look(host);
  });
  return reconciliation.next;
}

/** What has arrived together is read by then. */
const turn = () => new Promise<void>((resolve) => void setImmediate(resolve));

/** A cheap look first: mostly there is nothing to do. What cannot be put right is told, and tried by the next brig. */
async function look(host: EngineHost): Promise<void> {
  const unsettled = () => listContainers(host.database, ["starting", "running", "paused", "removing"]);
  // Whoever was killed just now and has not gone looks alive, and nobody might look again.
  await awaitDying(
    [...unsettled(), ...listRestarting(host.database)].flatMap(({ owner, shim, restarter }) => [
      owner,
      shim,
      restarter,
    ]),
  );
  for (const record of unsettled()) {
    if (!isStale(host, record)) continue;
    const { putRight } = await import("./put-right.ts");
    await attempt(host, record, () => putRight(host, record));
  }
  for (const record of listRestarting(host.database)) {
    if (host.owner.isAlive(record.restarter!)) continue;
    const { giveUpRestart } = await import("./put-right.ts");
    await attempt(host, record, () => giveUpRestart(host, record));
  }
}

async function attempt(host: EngineHost, record: ContainerRecord, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    host.warn(`cannot clean up after container ${record.name}: ${messageOf(error)}`);
  }
}

/** Milliseconds that whoever waits for an end, and may be stopped, has for recording it. */
const patience = 2000;

/** A shim lives on until somebody, in the end itself, has recorded what follows. */
export function isStale(host: EngineHost, record: ContainerRecord): boolean {
  if (record.owner !== undefined && host.owner.isAlive(record.owner)) return false;
  if (record.state === "removing" || !isAlive(host, record)) return true;
  const exit = exitOf(host, record);
  if (exit) return host.now() - finishedAt(exit) > patience;
  return record.state === "starting" || record.owner !== undefined;
}
