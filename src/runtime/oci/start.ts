/** `start` (runtime.md#start): one byte into the fifo that the container's process reads. */

import { closeSync, writeSync } from "node:fs";
import { BrigError } from "../../base/errors.ts";
import { awaitExecution } from "../../kernel/procfs/process.ts";
import { parseRuntimeConfig } from "../../spec/runtime/config.ts";
import { processToStart } from "../../spec/runtime/process-to-start.ts";
import { isFrozen } from "./cgroup.ts";
import { specState } from "./container-state.ts";
import type { OciContext } from "./context.ts";
import { destroyContainer } from "./delete.ts";
import { runPoststart } from "./host-hooks.ts";
import { signalProcess } from "./kill.ts";
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
  const fifo = store.takeFifo(id);
  writeSync(fifo, "0");
  closeSync(fifo);
  const poststart = config.hooks?.poststart;
  if (!poststart?.length) return;
  // startContainer hooks and the execution come before poststart hooks (runtime.md#lifecycle, steps 7 to 9).
  await awaitExecution(record.process!);
  try {
    await runPoststart(context, poststart, specState(record, "running", record.process!.pid));
  } catch (error) {
    signalProcess(record, 9);
    await destroyContainer(context, record);
    throw error;
  }
}
