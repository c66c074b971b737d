/**
 * What follows the end of a container: its exit is recorded, its address and ports are free again, and one that
 * was to be removed is. Done by whoever waits for it, or by the `brig settle` that a shim executes when nobody
 * does, or by the next brig that notices; each of them may be killed, and doing it twice does no harm.
 */

import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { ContainerId } from "../../base/ids.ts";
import { removeCgroup } from "../../kernel/cgroup/live/remove.ts";
import { type Exit, exitName, parseExit } from "../../kernel/shim/wire.ts";
import { bridge } from "../../network/bridge/driver.ts";
import { type EngineHost, hostSession } from "../host.ts";
import { release } from "../network/attachment.ts";
import { storedConfig } from "../network/default-network.ts";
import { stepInstructions } from "../network/steps.ts";
import { paths } from "../roots.ts";
import type { Ended } from "../session.ts";
import { recordEvent } from "../store/events.ts";
import { cgroupAt } from "./cgroup.ts";
import { cgroupPathOf } from "./plan.ts";
import { type ContainerRecord, readContainer, updateContainer } from "./records.ts";
import { removeFiles } from "./remove.ts";

/** The exit that a shim left in the run directory, if it has come to that. */
export function exitOf(host: EngineHost, id: ContainerId): Exit | undefined {
  try {
    return parseExit(readFileSync(join(paths.run(host.roots, id), exitName)));
  } catch {
    return undefined;
  }
}

/** Records the end. The shim's settle program has cleaned the host, unless it says that it could not. */
export async function settleContainer(host: EngineHost, id: ContainerId, exit: Exit): Promise<Ended> {
  const record = readContainer(host.database, id);
  const ended = { code: exit.code, oom: exit.outOfMemory };
  if (!record) return ended;
  if (exit.settleFailure) await cleanHost(host, record);
  if (record.spec.autoRemove) {
    await removeFiles(host, id);
    host.database.transaction(() => {
      recordEvent(host, "die", record, { exitCode: String(exit.code) });
      host.database.run("DELETE FROM container WHERE id = ?", id);
      recordEvent(host, "destroy", record);
    });
    return ended;
  }
  host.database.transaction(() => {
    const finished = Number(exit.finishedAt / 1_000_000n);
    const changed = updateContainer(
      host.database,
      id,
      {
        state: "exited",
        exit_code: exit.code,
        oom: exit.outOfMemory ? 1 : 0,
        finished,
        pid: null,
        owner: null,
      },
      ["starting", "running", "paused"],
    );
    if (!changed) return;
    release(host.database, id);
    recordEvent(host, "die", record, { exitCode: String(exit.code) });
  });
  rmSync(paths.run(host.roots, id), { recursive: true, force: true });
  return ended;
}

/** Takes from the host what a shim that was killed could not: the cgroup with all that lives in it, and the ports. */
export async function cleanHost(host: EngineHost, record: ContainerRecord): Promise<void> {
  const config = storedConfig(host.database);
  if (record.endpoint && config) {
    const session = hostSession(host);
    try {
      await session.run(
        stepInstructions(bridge.teardown.endpoint(config, record.endpoint), "host", session.slots),
      );
    } finally {
      session.close();
    }
  }
  await removeCgroup(record.cgroup ?? cgroupAt(cgroupPathOf(host, record.id, record.spec)));
}

/** True while the shim of a container answers for it. */
export function hasShim(host: EngineHost, id: ContainerId): boolean {
  return existsSync(paths.run(host.roots, id));
}
