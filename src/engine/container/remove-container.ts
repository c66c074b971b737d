/** `rm`: a container that has ended, or with force any. The row says so first, so that nobody else settles or starts it. */

import { join } from "node:path";
import { BrigError } from "../../base/errors.ts";
import { sleep } from "../../base/sleep.ts";
import { ShimClient } from "../../kernel/shim/client.ts";
import { socketName } from "../../kernel/shim/wire.ts";
import { tellOf } from "../events/record.ts";
import type { EngineHost } from "../host.ts";
import { paths } from "../roots.ts";
import { isAlive, killShim } from "./alive.ts";
import { cleanHost } from "./clean-host.ts";
import { heldVolumes, recordEnd } from "./life-events.ts";
import { reconcile } from "./reconcile.ts";
import { type ContainerRecord, isLive, readContainer, updateContainer } from "./records.ts";
import { forget } from "./remove.ts";
import { steady } from "./steady.ts";
import { goOn } from "./thaw.ts";

const SIGKILL = 9;

/** How a container is removed. */
export interface RemoveOptions {
  readonly force?: boolean;
  /** Its anonymous volumes too. */
  readonly volumes?: boolean;
  /** And if it was the last one, what is kept on the host for the next one (release.ts). */
  readonly release?: boolean;
}

export async function removeContainer(
  host: EngineHost,
  { id, name }: ContainerRecord,
  { force = false, volumes = false, release = false }: RemoveOptions,
): Promise<void> {
  const record = await steady(host, id);
  if (!record) return; // Somebody else, or the end of one that removes itself, was first.
  if (record.state === "removing") return removedBySomebody(host, record);
  if (isLive(record) && !force)
    throw new BrigError(
      "conflict",
      `cannot remove container "/${name}": container is running: stop the container before removing or force remove`,
      { code: "running" },
    );
  const claimed = updateContainer(host.database, id, { state: "removing", owner: host.owner.id }, [
    record.state,
  ]);
  if (!claimed) {
    const now = readContainer(host.database, id);
    if (!now) return;
    return removeContainer(host, now, { force, volumes, release });
  }
  if (isLive(record)) await end(host, record);
  await forget(host, record, { volumes: volumes || record.spec.autoRemove === true });
  if (release && host.database.get("SELECT 1 FROM container") === undefined)
    await (await import("../release.ts")).releaseAfter(host, record);
}

/** Kills it by its shim, which then cleans the host; where that does not come to pass, without it. */
async function end(host: EngineHost, record: ContainerRecord): Promise<void> {
  const exit = isAlive(host, record) ? await kill(host, record).catch(() => undefined) : undefined;
  const ended = { code: exit?.code ?? 128 + SIGKILL, oom: exit?.outOfMemory ?? false };
  const volumes = heldVolumes(host, record);
  host.database.transientTransaction(() => recordEnd(host, record, ended, volumes));
  if (exit && !exit.settleFailure) return;
  await killShim(host, record);
  await cleanHost(host, record);
}

/** Milliseconds that a killed container has for its end: what waits for a disk cannot be killed. */
const patience = 10_000;

async function kill(host: EngineHost, record: ContainerRecord) {
  const client = await ShimClient.connect(join(paths.run(host.roots, record.id), socketName));
  const timer = setTimeout(() => client.close(), patience);
  try {
    // The end is told only those who have asked for the state.
    await client.status();
    await client.signal(SIGKILL).catch(() => undefined);
    if (record.state === "paused") goOn(record);
    tellOf(host, "kill", record, { signal: String(SIGKILL) });
    return await client.wait();
  } finally {
    clearTimeout(timer);
    client.close();
  }
}

/** Milliseconds for whoever else removes it: a large tree takes its time. */
const removalPatience = 60_000;
const look = 20;

/**
 * What was asked for is being done: by another client, or for one that was killed. Docker fails here, so that who says it again
 * after a crash is told of a conflict with nobody.
 */
async function removedBySomebody(host: EngineHost, { id, name }: ContainerRecord): Promise<void> {
  for (const late = host.now() + removalPatience; host.now() < late; ) {
    if (!readContainer(host.database, id)) return;
    await sleep(look);
    await reconcile(host);
  }
  throw new BrigError("conflict", `removal of container ${name} is already in progress`, {
    code: "removing",
  });
}
