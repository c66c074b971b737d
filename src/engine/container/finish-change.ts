/** A change of a running container whose maker was killed: it runs again, with the limits that its row tells of. */

import { updateCgroup } from "../../kernel/cgroup/live/update.ts";
import { kernelHas } from "../../kernel/cgroup/read-hierarchy.ts";
import type { EngineHost } from "../host.ts";
import { type ContainerRecord, runningCgroup, updateContainer } from "./records.ts";
import { changeableResources } from "./resources.ts";
import { goOn, isGone } from "./thaw.ts";

export async function finishChange(host: EngineHost, record: ContainerRecord): Promise<void> {
  goOn(record);
  await updateCgroup(runningCgroup(record), changeableResources(record.spec), { kernelHas }).catch(
    (error) => {
      // It has just ended, and its shim records that.
      if (!isGone(error)) throw error;
    },
  );
  updateContainer(host.database, record.id, { state: "running", owner: null }, ["running", "paused"]);
}
