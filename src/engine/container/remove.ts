/** Removing a container: its files first, its row last, so that what is interrupted is found again. */

import { existsSync, rmdirSync, rmSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import type { ContainerId } from "../../base/ids.ts";
import { removeTree } from "../../image/layers/session-tree.ts";
import type { EngineHost } from "../host.ts";
import { logName, paths } from "../roots.ts";
import { ownFiles } from "./mounts.ts";

/** Files of ours in a container's directory. */
const known = [...ownFiles, logName, ...[1, 2, 3].map((n) => `${logName}.${n}`)];

export async function removeFiles(host: EngineHost, id: ContainerId): Promise<void> {
  rmSync(paths.run(host.roots, id), { recursive: true, force: true });
  const directory = paths.container(host.roots, id);
  for (const name of known) remove(() => unlinkSync(join(directory, name)));
  // What the container wrote may be anything: an executor takes it away. Mostly there is nothing.
  for (const name of ["work/work", "work", "upper", ""]) remove(() => rmdirSync(join(directory, name)));
  if (existsSync(directory)) await removeTree(host.shim, directory);
}

function remove(attempt: () => void): void {
  try {
    attempt();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "ENOTEMPTY") throw error;
  }
}
