/** `start` (runtime.md#start): one byte into the fifo that the container's process reads. */

import { closeSync, readSync, writeSync } from "node:fs";
import { BrigError } from "../../base/errors.ts";
import { sleep } from "../../base/sleep.ts";
import { awaitExecution } from "../../kernel/procfs/process.ts";
import { parseRuntimeConfig } from "../../spec/runtime/config.ts";
import { processToStart } from "../../spec/runtime/process-to-start.ts";
import { isFrozen } from "./cgroup.ts";
import { specState } from "./container-state.ts";
import type { OciContext } from "./context.ts";
import { destroyContainer } from "./delete.ts";
import { runPoststart } from "./host-hooks.ts";
import { signalProcess } from "./kill.ts";
import type { ContainerRecord } from "./record.ts";
import { statusOf } from "./status.ts";

export async function startContainer(context: OciContext, id: string): Promise<void> {
  const { store } = context;
  const record = store.read(id);
  const status = statusOf(store, record, isFrozen);
  if (status !== "created")
    throw new BrigError(
      "conflict",
      status === "stopped"
        ? `cannot start ${id}: the container has been stopped`
        : `cannot start ${id}: it is ${status}; only a created container can be started`,
    );
  const config = parseRuntimeConfig(store.readConfig(id));
  processToStart(config);
  const { startContainer, poststart } = config.hooks ?? {};
  const hooked = startContainer?.length ? store.openHooked(id) : undefined;
  const fifo = store.takeFifo(id);
  writeSync(fifo, "0");
  closeSync(fifo);
  // startContainer hooks and the execution come before poststart hooks (runtime.md#lifecycle, steps 7 to 9).
  try {
    if (hooked !== undefined) await awaitHooks(hooked, record);
    if (!poststart?.length) return;
    await awaitExecution(record.process!);
    await runPoststart(context, poststart, specState(record, "running", record.process!.pid));
  } catch (error) {
    signalProcess(record, 9);
    await destroyContainer(context, record);
    throw error;
  }
}

/** The container's process says when they have succeeded; it ends when one of them fails. */
async function awaitHooks(fifo: number, { id }: ContainerRecord): Promise<void> {
  try {
    for (let pause = 1; ; pause = Math.min(pause * 2, pauseMax)) {
      const got = readNow(fifo);
      if (got === 1) return;
      if (got === 0)
        throw new BrigError(
          "invalid",
          `cannot start ${id}: a startContainer hook failed; the container is gone`,
        );
      await sleep(pause);
    }
  } finally {
    closeSync(fifo);
  }
}

/** Milliseconds between two looks. */
const pauseMax = 20;

/** How many bytes there were; 0 is the end, undefined that there is none yet. */
function readNow(fifo: number): number | undefined {
  try {
    return readSync(fifo, Buffer.alloc(1));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") return undefined;
    throw error;
  }
}
