/** Whether a container's shim still answers for it. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { isInCgroup } from "../../kernel/procfs/process.ts";
import { exitName, socketName } from "../../kernel/shim/wire.ts";
import type { EngineHost } from "../host.ts";
import { paths } from "../roots.ts";
import type { ContainerRecord } from "./records.ts";

/** The shim outlives its container's first process only for moments; while that runs, the shim does. */
export function isAlive(host: EngineHost, { id, pid }: ContainerRecord): boolean {
  const run = paths.run(host.roots, id);
  if (pid === undefined || existsSync(join(run, exitName)) || !existsSync(join(run, socketName)))
    return false;
  return isInCgroup(pid, id);
}
