/** The one executor of an operation: it ends before the operation does, so that nothing of ours is left behind. */

import { Executor, type ExecutorOptions } from "../../kernel/executor/executor.ts";
import type { OciContext } from "./context.ts";

/** Resolves when the executor has ended; a container that it launched has then its caller's nearest reaper as parent. */
export async function leave(executor: Executor): Promise<void> {
  executor.close();
  await executor.process!.awaitEnd();
}

/** Whose stdio and further fds the container's command gets. */
export function startExecutor(
  context: OciContext,
  options: Pick<ExecutorOptions, "preserve" | "detached">,
): Executor {
  return Executor.start({ shim: context.shim, stdio: ["inherit", "inherit", "inherit"], ...options });
}
