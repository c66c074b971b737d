/** What is done with a container while it runs, and what is said where it does not. */

import { BrigError } from "../../base/errors.ts";
import type { EngineHost } from "../host.ts";
import { reconcile } from "./reconcile.ts";
import { type ContainerRecord, findContainer } from "./records.ts";
import { awaitEnd } from "./wait.ts";

/** What is said where a container does not run; absent for one that is paused: that will do. */
export interface Refusals {
  readonly stopped: string;
  readonly paused?: string;
}

/** A shim that has gone means that the container has ended, though its record does not say so yet. */
export async function whileRunning<T>(
  host: EngineHost,
  reference: string,
  refusals: Refusals,
  work: (record: ContainerRecord) => Promise<T>,
): Promise<T> {
  await reconcile(host);
  const record = findContainer(host.database, reference);
  const notRunning = () => new BrigError("conflict", refusals.stopped, { code: "not-running" });
  if (record.state === "paused" && refusals.paused !== undefined)
    throw new BrigError("conflict", refusals.paused, { code: "paused" });
  if (record.state !== "running" && record.state !== "paused") throw notRunning();
  try {
    return await work(record);
  } catch (error) {
    if (!(error instanceof BrigError) || error.code !== "no-shim") throw error;
    await awaitEnd(host, record.id, record.shim);
    throw notRunning();
  }
}
