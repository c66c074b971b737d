/**
 * `restart`: stop, then start. While it lasts the row names who does it, so that one with `--rm` is not removed in
 * between; when that process is killed there, the next brig treats the container as one that has ended (reconcile.ts).
 */

import { BrigError } from "../../base/errors.ts";
import { tellOf } from "../events/record.ts";
import type { EngineHost } from "../host.ts";
import type { Ended } from "../session.ts";
import type { Launched } from "./lifecycle.ts";
import { type ContainerRecord, isLive, updateContainer } from "./records.ts";
import { type StopOptions, stopContainer } from "./stop.ts";

export interface Steps {
  readonly wait: () => Promise<Ended>;
  readonly start: () => Promise<Launched>;
}

export async function restartContainer(
  host: EngineHost,
  record: ContainerRecord,
  options: StopOptions,
  { wait, start }: Steps,
): Promise<void> {
  const { database, owner } = host;
  if (isLive(record)) updateContainer(database, record.id, { restarter: owner.id });
  try {
    await stopContainer(host, record, options, wait);
    await started(start);
  } finally {
    updateContainer(database, record.id, { restarter: null });
  }
  tellOf(host, "restart", record);
}

/** By somebody else, where that one was faster once it had stopped: it runs anew all the same. */
async function started(start: Steps["start"]): Promise<void> {
  try {
    (await start()).client.close();
  } catch (error) {
    if (!(error instanceof BrigError && error.code === "already-running")) throw error;
  }
}
