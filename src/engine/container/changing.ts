/**
 * A change of a container that lives on: one at a time. While one is under way the row names its owner, so that
 * whatever a killed brig leaves half done is found by the next one (reconcile.ts).
 */

import { BrigError } from "../../base/errors.ts";
import type { ContainerId } from "../../base/ids.ts";
import type { EngineHost } from "../host.ts";
import { withLock } from "../store/lock.ts";
import type { ContainerRecord } from "./records.ts";
import { steady } from "./steady.ts";

/** Does `work` with the container as it is when nobody else changes it. */
export async function changing<T>(
  host: EngineHost,
  id: ContainerId,
  work: (record: ContainerRecord) => Promise<T>,
): Promise<T> {
  return withLock(host, `container ${id}`, async () => {
    const record = await steady(host, id);
    if (record) return work(record);
    throw new BrigError("not-found", `No such container: ${id}`, { code: "no-such-container" });
  });
}
