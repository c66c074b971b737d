/**
 * Stops and continues every process of a cgroup (`pause`): v1's freezer, v2's cgroup.freeze. Freezing takes time, and in
 * v1 may not end by itself while processes are made: it is then asked for again, with a thaw now and then.
 */

import { BrigError } from "../../../base/errors.ts";
import { sleep as sleepFor } from "../../../base/sleep.ts";
import { type Cgroup, type CgroupDirectory, directoryOf, hostPath } from "../cgroup.ts";
import { readCgroupFile, writeCgroupFile } from "./files.ts";

/** Waits some milliseconds; a test may do otherwise. */
export type Sleep = (milliseconds: number) => Promise<unknown>;

export interface FreezeOptions {
  readonly sleep?: Sleep;
}

/** Resolves when all processes have stopped; if they do not within about ten seconds they go on, and it throws. */
export async function freezeCgroup(cgroup: Cgroup, options: FreezeOptions = {}): Promise<void> {
  const directory = freezerOf(cgroup);
  if (await tryFreeze(directory, options.sleep ?? sleepFor)) return;
  thaw(directory);
  throw new BrigError(
    "unavailable",
    `cannot freeze the cgroup /${directory.path}: some processes do not stop`,
  );
}

export function thawCgroup(cgroup: Cgroup): void {
  thaw(freezerOf(cgroup));
}

/** Whether the cgroup itself is frozen, or on the way there; a frozen parent does not count. */
export function isFrozen(cgroup: Cgroup): boolean {
  const directory = directoryOf(cgroup, "freezer");
  if (!directory) return false;
  const file = directory.version === 1 ? "freezer.self_freezing" : "cgroup.freeze";
  return readCgroupFile(hostPath(directory), file)?.trim() === "1";
}

/** Freezes as far as it goes in `rounds` looks; the cgroup is left freezing where that was not enough. */
export async function tryFreeze(
  directory: CgroupDirectory,
  sleep: Sleep,
  rounds = freezeRounds,
): Promise<boolean> {
  for (let round = 0; round < rounds; round++) {
    // v1 counts processes that were made in the meantime only when it is asked again.
    if (directory.version === 1 && round % thawEvery === thawEvery - 1) {
      thaw(directory);
      await sleep(longest);
    }
    if (round === 0 || directory.version === 1) freeze(directory);
    if (hasStopped(directory)) return true;
    await sleep(Math.min(1 + round, longest));
  }
  return false;
}

/** At most ten milliseconds apart: ten seconds in all. */
const freezeRounds = 1000;
const longest = 10;
const thawEvery = 50;

function freezerOf(cgroup: Cgroup): CgroupDirectory {
  const directory = directoryOf(cgroup, "freezer");
  if (directory) return directory;
  throw new BrigError(
    "unsupported",
    "cannot freeze the container: the cgroup controller freezer is not mounted",
  );
}

function freeze(directory: CgroupDirectory): void {
  const [file, value] = directory.version === 1 ? ["freezer.state", "FROZEN"] : ["cgroup.freeze", "1"];
  writeCgroupFile(hostPath(directory), file!, value!, `freeze the cgroup /${directory.path}`);
}

export function thaw(directory: CgroupDirectory): void {
  const [file, value] = directory.version === 1 ? ["freezer.state", "THAWED"] : ["cgroup.freeze", "0"];
  writeCgroupFile(hostPath(directory), file!, value!, `thaw the cgroup /${directory.path}`);
}

function hasStopped(directory: CgroupDirectory): boolean {
  const path = hostPath(directory);
  if (directory.version === 1) return readCgroupFile(path, "freezer.state")?.trim() === "FROZEN";
  return /^frozen 1$/m.test(readCgroupFile(path, "cgroup.events") ?? "");
}
