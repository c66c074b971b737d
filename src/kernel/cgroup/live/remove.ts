/**
 * Removes a cgroup with whatever is left in it: processes are killed, cgroups that the container made below go first.
 * Parents stay. Safe to repeat, and after a crash of any brig process.
 */

import { rmdirSync, statfsSync } from "node:fs";
import { BrigError } from "../../../base/errors.ts";
import { sleep as sleepFor } from "../../../base/sleep.ts";
import { type Cgroup, hostPath } from "../cgroup.ts";
import { codeOf, failure } from "./files.ts";
import { type KillOptions, killCgroup, killMembers } from "./kill.ts";
import { cgroupsBelow } from "./pids.ts";

export type RemoveOptions = Partial<KillOptions>;

/** Throws a conflict when after some five seconds something still holds on: a process in an uninterruptible sleep. */
export async function removeCgroup(cgroup: Cgroup, options: RemoveOptions = {}): Promise<void> {
  const sleep = options.sleep ?? sleepFor;
  const killing = { sleep, ...(options.executor ? { executor: options.executor } : {}) };
  for (let round = 0; round < rounds; round++) {
    const busy = removeDirectories(cgroup);
    if (busy.length === 0) return;
    // Processes that are going take a few milliseconds; after that they are helped, and again if some were made since.
    if (round % killEvery === 0) await (round === 0 ? killCgroup : killMembers)(cgroup, killing);
    await sleep(Math.min(1 + round, longest));
  }
  const [first] = removeDirectories(cgroup);
  if (first === undefined) return;
  throw new BrigError(
    "conflict",
    `cannot remove the cgroup ${first}: it still has processes that do not end`,
  );
}

const rounds = 260;
const killEvery = 20;
const longest = 20;

/** The container's own directories that are still there. */
function removeDirectories(cgroup: Cgroup): readonly string[] {
  return cgroup.directories
    .map((directory) => hostPath(directory))
    .filter((path) => !removeDirectory(path) && !removeTree(path));
}

/** Only cgroupfs lets a directory with files in it go by rmdir, so nothing else can be lost here. */
function removeTree(path: string): boolean {
  const type = typeOf(path);
  if (type === undefined) return true;
  if (!cgroupTypes.includes(type))
    throw new BrigError("invalid", `cannot remove the cgroup ${path}: it is not in a cgroup file system`);
  return cgroupsBelow(path).every(removeDirectory);
}

/** CGROUP_SUPER_MAGIC and CGROUP2_SUPER_MAGIC of statfs(2). */
const cgroupTypes: readonly number[] = [0x27e0eb, 0x63677270];

function typeOf(path: string): number | undefined {
  try {
    return statfsSync(path).type;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw failure(`look at the cgroup ${path}`, error);
  }
}

/** True when the directory is gone. */
function removeDirectory(path: string): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return true;
    if (codeOf(error) === "EBUSY" || codeOf(error) === "ENOTEMPTY") return false;
    throw failure(`remove the cgroup ${path}`, error);
  }
}
