/** Signals to a container: by its shim, which holds the pidfd. */

import { join } from "node:path";
import { BrigError } from "../../base/errors.ts";
import { parseSignal } from "../../base/signals.ts";
import { sleep } from "../../base/sleep.ts";
import { ShimClient } from "../../kernel/shim/client.ts";
import { socketName } from "../../kernel/shim/wire.ts";
import { tellOf } from "../events/record.ts";
import type { EngineHost } from "../host.ts";
import { findImage } from "../image/find.ts";
import { paths } from "../roots.ts";
import type { Ended } from "../session.ts";
import { signalSandbox } from "./external/signal.ts";
import { unpauseContainer } from "./pause.ts";
import { type ContainerRecord, readContainer } from "./records.ts";
import { beginStop, tellStopped } from "./stopping.ts";

const SIGKILL = 9;
const SIGTERM = 15;

/** Docker's: between asking and killing. */
const defaultSeconds = 10;

export async function signalContainer(
  host: EngineHost,
  record: ContainerRecord,
  signal: number,
): Promise<void> {
  if (!(await signalSandbox(host, record, signal))) {
    const client = await ShimClient.connect(join(paths.run(host.roots, record.id), socketName));
    await client.signal(signal);
    client.close();
  }
  tellOf(host, "kill", record, { signal: String(signal) });
  // One that is paused takes the signal when it goes on, as with Docker.
  if (readContainer(host.database, record.id)?.state === "paused")
    await unpauseContainer(host, record).catch(unlessEnded);
}

function unlessEnded(error: unknown): void {
  if (!(error instanceof BrigError && (error.kind === "conflict" || error.kind === "not-found"))) throw error;
}

/** How a container is asked to end. */
export interface StopOptions {
  /** Between asking and killing; below 0: for ever. */
  readonly seconds?: number;
  /** What asks it to stop, in place of its own. */
  readonly signal?: number;
}

/** Asks it to stop, and kills it when it has not; one that does not run has stopped already. */
export async function stopContainer(
  host: EngineHost,
  record: ContainerRecord,
  { seconds, signal: asking }: StopOptions,
  wait: () => Promise<Ended>,
): Promise<void> {
  if (record.state !== "running" && record.state !== "paused") return;
  const patience = seconds ?? record.spec.stopTimeout ?? defaultSeconds;
  // Where it cannot be asked at all, its end is not waited for.
  const signal = async (number: number) =>
    signalContainer(host, record, number).catch((error) => {
      if (error instanceof BrigError && error.code === "shim-version") throw error;
    });
  const ended = wait();
  ended.catch(() => {});
  beginStop(host, record);
  await signal(asking ?? stopSignalOf(host, record));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    if (patience >= 0) timer = setTimeout(() => resolve("late"), patience * 1000);
  });
  if ((await Promise.race([ended, late])) === "late") {
    await signal(SIGKILL);
    await whileNotEnded(ended, () => letDie(host, record));
  }
  clearTimeout(timer);
  await ended;
  tellStopped(host, record);
}

/** Milliseconds between two looks at what was killed and has not ended. */
const pause = 200;

async function whileNotEnded(ended: Promise<unknown>, work: () => Promise<void>): Promise<void> {
  while ((await Promise.race([ended, sleep(pause).then(() => "not yet")])) === "not yet") await work();
}

/** Whoever was just pausing it has frozen what was killed, and what is frozen does not die (cgroup v1). */
async function letDie(host: EngineHost, { id, shim }: ContainerRecord): Promise<void> {
  const now = readContainer(host.database, id);
  if (now?.state === "paused" && now.shim === shim) await unpauseContainer(host, now).catch(unlessEnded);
}

function stopSignalOf(host: EngineHost, { spec, imageId }: ContainerRecord): number {
  const text = spec.stopSignal ?? findImage(host, imageId).image.config.config?.StopSignal;
  return text === undefined ? SIGTERM : parseSignal(text);
}
