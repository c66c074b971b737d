/** An executor in the container's shim, for `exec` and `cp`: it holds the container's pidfd, so a reused pid is never entered. */

import { Executor } from "../executor/executor.ts";
import type { Slot } from "../program/argument.ts";
import { dial } from "./dial.ts";
import { lentFds } from "./wire.ts";

/** Its programs begin in the host's namespaces; `process` is the slot of the container's first process. */
export async function lendExecutor(path: string): Promise<{ executor: Executor; process: Slot }> {
  const executor = Executor.over(await dial(path), lentFds.process + 1);
  return { executor, process: { kind: "slot", name: "container", fd: lentFds.process } };
}
