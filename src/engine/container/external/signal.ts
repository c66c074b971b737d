/** Signals to a sandbox: SIGKILL ends it; any other is for the process inside, whom only the runtime reaches. */

import { join } from "node:path";
import { lendExecutor } from "../../../kernel/shim/lend.ts";
import { socketName } from "../../../kernel/shim/wire.ts";
import { compileExternalSignal } from "../../../runtime/external/signal.ts";
import type { EngineHost } from "../../host.ts";
import { paths } from "../../roots.ts";
import type { ContainerRecord } from "../records.ts";
import { externalOptions } from "./plan.ts";

const SIGKILL = 9;

/** False where the shim sends it. */
export async function signalSandbox(
  host: EngineHost,
  { id, spec }: Pick<ContainerRecord, "id" | "spec">,
  signal: number,
): Promise<boolean> {
  if (spec.runtime === undefined || signal === SIGKILL) return false;
  const external = externalOptions(host.roots, id, spec, "signal");
  if (!external.runtime.ownKernel) return false;
  const { executor, process: container } = await lendExecutor(join(paths.run(host.roots, id), socketName));
  try {
    await executor.run(compileExternalSignal(signal, { slots: executor.slots, external, container }));
    return true;
  } finally {
    executor.close();
  }
}
