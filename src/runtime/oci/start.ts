/** `start` (runtime.md#start): one byte into the fifo that the container's process reads. */

import { closeSync, writeSync } from "node:fs";
import { BrigError } from "../../base/errors.ts";
import { parseRuntimeConfig } from "../../spec/runtime/config.ts";
import { processToStart } from "../../spec/runtime/validate.ts";
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
  try {
    await runPoststart(context, config.hooks?.poststart, specState(record, "running", record.process!.pid));
  } catch (error) {
    signalProcess(record, 9);
    await destroyContainer(context, record);
    throw error;
  }
}
