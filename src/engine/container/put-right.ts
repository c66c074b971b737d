/** One container that a killed brig has left half done: claimed, so that of several brigs one does it, and settled. */

import type { Exit } from "../../kernel/shim/wire.ts";
import type { EngineHost } from "../host.ts";
import { snapshotterOf } from "../snapshot/snapshotters.ts";
import { isAlive, killShim } from "./alive.ts";
import { cleanHost } from "./clean-host.ts";
import { finishChange } from "./finish-change.ts";
import { type ContainerRecord, readContainer, updateContainer } from "./records.ts";
import { finishRemoval } from "./remove.ts";
import { exitOf, settleContainer } from "./settle.ts";

export async function putRight(host: EngineHost, record: ContainerRecord): Promise<void> {
  if (!claim(host, record)) return;
  if (record.state === "removing") return finishRemoval(host, record);
  const exit = exitOf(host, record);
  if (!exit && record.state !== "starting" && isAlive(host, record)) return finishChange(host, record);
  if (!exit) {
    await killShim(host, record);
    await cleanHost(host, record);
    if (record.state === "starting") await (await snapshotterOf(record.driver)).discard(host);
  }
  await settleContainer(host, { id: record.id, shim: record.shim }, exit ?? killed(host));
}

/** It was to be restarted, and has been stopped and not started again: an end like any other. */
export async function giveUpRestart(host: EngineHost, record: ContainerRecord): Promise<void> {
  const { database, owner } = host;
  const removes = database.transaction(() => {
    // It may have ended since, or somebody else restarts it now.
    const now = readContainer(database, record.id);
    if (now?.restarter !== record.restarter) return false;
    const goes = now?.spec.autoRemove === true && now.state === "exited";
    updateContainer(database, record.id, {
      restarter: null,
      ...(goes ? { state: "removing", owner: owner.id } : {}),
    });
    return goes;
  });
  if (removes) await finishRemoval(host, record);
}

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
    finishedAt: BigInt(host.now()) * 1_000_000n,
  };
}
