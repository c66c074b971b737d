/**
 * What follows the end of a container: its exit is recorded, its address and ports are free again, and one that
 * was to be removed is. Done by whoever waits for it, or by the `brig settle` that a shim executes when nobody
 * does, or by the next brig that notices; each of them may be killed, several may do it at once, and doing it
 * twice does no harm.
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ContainerId } from "../../base/ids.ts";
import { type Exit, exitName, parseExit } from "../../kernel/shim/wire.ts";
import { recordEvent } from "../events/record.ts";
import { recordVolume } from "../events/volume.ts";
import type { EngineHost } from "../host.ts";
import { release } from "../network/attachment.ts";
import { paths } from "../roots.ts";
import type { Ended } from "../session.ts";
import { heldVolumes, recordEnd } from "./life-events.ts";
import { unmountVolumes } from "./mounted-volumes.ts";
import { type ContainerRecord, isLive, readContainer, updateContainer } from "./records.ts";
import { removeFiles, removeVolumes } from "./remove.ts";
import { recordStopped } from "./stopping.ts";

/** The exit that a shim left in the run directory, unless it is an earlier one, which the row tells of already. */
export function exitOf(
  host: EngineHost,
  { id, finished }: Pick<ContainerRecord, "id" | "finished">,
): Exit | undefined {
  const exit = lastExit(host, id);
  return exit && finishedAt(exit) !== finished ? exit : undefined;
}

/** What its last shim has noted, until the container is started anew. */
export function lastExit(host: EngineHost, id: ContainerId): Exit | undefined {
  try {
    return parseExit(readFileSync(join(paths.run(host.roots, id), exitName)));
  } catch {
    return undefined;
  }
}

/** Milliseconds since the epoch. */
export function finishedAt(exit: Exit): number {
  return Number(exit.finishedAt / 1_000_000n);
}

/**
 * Records the end of what the shim `shim` ran; a container that was started again since, or that somebody removes,
 * is left alone. The shim's settle program has cleaned the host, unless it says that it could not.
 */
export async function settleContainer(
  host: EngineHost,
  launched: { readonly id: ContainerId; readonly shim: string | undefined },
  exit: Exit,
): Promise<Ended> {
  const ended = endOf(exit);
  const record = unsettled(host, launched);
  if (!record) return ended;
  if (exit.settleFailure) await (await import("./clean-host.ts")).cleanHost(host, record);
  if (removesItself(host, record) || !recordExit(host, record, exit))
    await settleAndRemove(host, record, exit);
  await unmountVolumes(host, record.spec);
  return ended;
}

/** Unless somebody is about to start it again. */
function removesItself({ owner }: EngineHost, { spec, restarter }: ContainerRecord): boolean {
  return spec.autoRemove === true && !(restarter !== undefined && owner.isAlive(restarter));
}

function unsettled(
  host: EngineHost,
  { id, shim }: { readonly id: ContainerId; readonly shim?: string | undefined },
): ContainerRecord | undefined {
  const record = readContainer(host.database, id);
  return record && record.shim === shim && isLive(record) ? record : undefined;
}

/** False when whoever was to restart it has been killed meanwhile, so that it has to go. */
function recordExit(host: EngineHost, record: ContainerRecord, exit: Exit): boolean {
  const volumes = heldVolumes(host, record);
  return host.database.transaction(() => {
    const now = unsettled(host, record);
    if (!now) return true;
    if (removesItself(host, now)) return false;
    updateContainer(host.database, record.id, {
      state: "exited",
      exit_code: exit.code,
      oom: exit.outOfMemory ? 1 : 0,
      finished: finishedAt(exit),
      pid: null,
      owner: null,
    });
    release(host.database, record.id);
    recordEnd(host, now, endOf(exit), volumes);
    return true;
  });
}

async function settleAndRemove(host: EngineHost, record: ContainerRecord, exit: Exit): Promise<void> {
  const volumes = heldVolumes(host, record);
  await removeFiles(host, record.id);
  const removed = await removeVolumes(host, record.id);
  host.database.transientTransaction(() => {
    if (!unsettled(host, record)) return;
    host.database.run("DELETE FROM container WHERE id = ?", record.id);
    recordEnd(host, record, endOf(exit), volumes);
    recordStopped(host, record);
    for (const name of removed) recordVolume(host, "destroy", name);
    recordEvent(host, "destroy", record);
  });
}

function endOf({ code, outOfMemory }: Exit): Ended {
  return { code, oom: outOfMemory };
}
