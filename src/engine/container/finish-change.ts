/** A change of a running container whose maker was killed: it runs again, with the limits that its row tells of. */

import type { EngineHost } from "../host.ts";
import { type ContainerRecord, updateContainer } from "./records.ts";
import { goOn, isGone } from "./thaw.ts";
import { writeLimits } from "./write-limits.ts";

export async function finishChange(host: EngineHost, record: ContainerRecord): Promise<void> {
  goOn(record);
  await writeLimits(record, record.spec).catch((error) => {
    // It has just ended, and its shim records that.
    if (!isGone(error)) throw error;
  });
  updateContainer(host.database, record.id, { state: "running", owner: null }, ["running", "paused"]);
}
