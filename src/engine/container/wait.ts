/** The end of a container, told when it is recorded: who has waited for it may start or remove it. */

import { join } from "node:path";
import type { ContainerId } from "../../base/ids.ts";
import { sleep } from "../../base/sleep.ts";
import { ShimClient } from "../../kernel/shim/client.ts";
import { type Exit, socketName } from "../../kernel/shim/wire.ts";
import { lastExitCode } from "../events/record.ts";
import type { EngineHost } from "../host.ts";
import { paths } from "../roots.ts";
import type { Ended } from "../session.ts";
import { reconcile } from "./reconcile.ts";
import { type ContainerRecord, isLive, readContainer } from "./records.ts";
import { exitOf, settleContainer } from "./settle.ts";

/** Milliseconds between two looks at a container that is starting, or being removed. */
const pause = 10;

/**
 * Of a container that does not run: how it ended last. Else of what runs now, or of the launch whose shim is named: one
 * that somebody starts again meanwhile has ended, and is not waited for once more.
 */
export async function awaitEnd(
  host: EngineHost,
  id: ContainerId,
  launched?: string,
  signal?: AbortSignal,
): Promise<Ended> {
  let shim = launched;
  for (let exit: Exit | undefined; ; ) {
    signal?.throwIfAborted();
    await reconcile(host);
    const record = readContainer(host.database, id);
    if (!record || !isLive(record)) return exit ? endOf(exit) : recordedEnd(host, id, record);
    shim ??= record.shim;
    if (record.shim !== shim) return exit ? endOf(exit) : recordedEnd(host, id, undefined);
    exit = (await exitFrom(host, record, signal)) ?? exitOf(host, record) ?? exit;
    // The owner, or the shim itself, removes what removes itself.
    if (exit && !record.spec.autoRemove) return settleContainer(host, { id, shim: record.shim }, exit);
    await sleep(pause);
  }
}

/** Undefined when its shim is not there to be asked, or another one by now. */
async function exitFrom(
  host: EngineHost,
  { id, shim }: Pick<ContainerRecord, "id" | "shim">,
  signal: AbortSignal | undefined,
): Promise<Exit | undefined> {
  const client = await ShimClient.connect(join(paths.run(host.roots, id), socketName)).catch(() => undefined);
  if (!client) return undefined;
  // Closed, it tells nothing more.
  const leave = () => client.close();
  signal?.addEventListener("abort", leave);
  try {
    // The end is told only those who have asked for the state.
    await client.status();
    // The row names a shim before that one listens.
    if (readContainer(host.database, id)?.shim !== shim) return undefined;
    return await client.wait();
  } catch {
    return undefined;
  } finally {
    signal?.removeEventListener("abort", leave);
    client.close();
  }
}

function recordedEnd(host: EngineHost, id: ContainerId, record: ContainerRecord | undefined): Ended {
  if (record?.state === "exited" || record?.state === "created")
    return { code: record.exitCode ?? 0, oom: record.oom };
  return { code: lastExitCode(host.database, id) ?? 0, oom: false };
}

function endOf(exit: Exit): Ended {
  return { code: exit.code, oom: exit.outOfMemory };
}
