/** Signals to a container: by its shim, which holds the pidfd. */

import { join } from "node:path";
import { parseSignal } from "../../base/signals.ts";
import { ShimClient } from "../../kernel/shim/client.ts";
import { socketName } from "../../kernel/shim/wire.ts";
import type { EngineHost } from "../host.ts";
import { findImage } from "../image/find.ts";
import { paths } from "../roots.ts";
import type { Ended } from "../session.ts";
import { recordEvent } from "../store/events.ts";
import { signalSandbox } from "./external/signal.ts";
import type { ContainerRecord } from "./records.ts";

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
  recordEvent(host, "kill", record, { signal: String(signal) });
}

/** Asks it to stop, and kills it when it has not; one that does not run has stopped already. */
export async function stopContainer(
  host: EngineHost,
  record: ContainerRecord,
  seconds: number | undefined,
  wait: () => Promise<Ended>,
): Promise<void> {
  if (record.state !== "running" && record.state !== "paused") return;
  const patience = seconds ?? record.spec.stopTimeout ?? defaultSeconds;
  const signal = async (number: number) => signalContainer(host, record, number).catch(() => undefined);
  const ended = wait();
  await signal(stopSignalOf(host, record));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    if (patience >= 0) timer = setTimeout(() => resolve("late"), patience * 1000);
  });
  if ((await Promise.race([ended, late])) === "late") await signal(SIGKILL);
  clearTimeout(timer);
  await ended;
}

function stopSignalOf(host: EngineHost, { spec, imageId }: ContainerRecord): number {
  const text = spec.stopSignal ?? findImage(host, imageId).image.config.config?.StopSignal;
  return text === undefined ? SIGTERM : parseSignal(text);
}
