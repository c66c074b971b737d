/** `pause` and `unpause`: every process of a container stops where it is, and goes on as if nothing had been. */

import { BrigError } from "../../base/errors.ts";
import { freezeCgroup } from "../../kernel/cgroup/live/freeze.ts";
import { type Action, recordEvent } from "../events/record.ts";
import type { EngineHost } from "../host.ts";
import { changing } from "./changing.ts";
import { type ContainerRecord, runningCgroup, updateContainer } from "./records.ts";
import { goOn, isGone } from "./thaw.ts";

export async function pauseContainer(host: EngineHost, { id }: ContainerRecord): Promise<void> {
  await changing(host, id, async (record) => {
    if (record.state === "paused") throw new BrigError("conflict", `Container ${id} is already paused`);
    const { database, owner } = host;
    if (!updateContainer(database, id, { state: "paused", owner: owner.id }, ["running"]))
      throw notRunning(id);
    try {
      await freezeCgroup(runningCgroup(record));
    } catch (error) {
      updateContainer(database, id, { state: "running", owner: null }, ["paused"]);
      throw isGone(error) ? notRunning(id) : error;
    }
    // Whoever kills or removes it now would wait for what is frozen.
    if (!finish(host, record, "paused", "pause")) goOn(record);
  });
}

export async function unpauseContainer(host: EngineHost, { id }: ContainerRecord): Promise<void> {
  await changing(host, id, async (record) => {
    if (record.state !== "paused") throw new BrigError("conflict", `Container ${id} is not paused`);
    updateContainer(host.database, id, { owner: host.owner.id }, ["paused"]);
    goOn(record);
    finish(host, record, "running", "unpause");
  });
}

/** False when it has ended in the meantime, or somebody removes it. */
function finish(
  host: EngineHost,
  record: ContainerRecord,
  state: "running" | "paused",
  action: Action,
): boolean {
  return host.database.transientTransaction(() => {
    const done = updateContainer(host.database, record.id, { state, owner: null }, ["paused"]);
    if (done) recordEvent(host, action, record);
    return done;
  });
}

function notRunning(id: string): BrigError {
  return new BrigError("conflict", `Container ${id} is not running`, { code: "not-running" });
}
