/**
 * Ends every process in a cgroup and below it. One that forks is not outrun, so either the kernel does it
 * (cgroup.kill, Linux 5.14), or the cgroup is frozen first: a frozen process can neither fork nor end, so that the pids
 * that were read stay theirs, and SIGKILL takes effect with the thaw.
 *
 * Where it cannot be frozen a pid might be another process's by the time the signal is sent. With an executor, that is
 * decided by a pidfd taken before the list was read again.
 */

import { kill } from "node:process";
import type { Executor } from "../../executor/executor.ts";
import { type Cgroup, directoryOf, hostPath, unifiedOf } from "../cgroup.ts";
import { codeOf, writeCgroupFile } from "./files.ts";
import { type Sleep, thaw, tryFreeze } from "./freeze.ts";
import { killByPidfd } from "./pidfd.ts";
import { memberDirectory, pidsBelow } from "./pids.ts";

export interface KillOptions {
  readonly sleep: Sleep;
  readonly executor?: Executor;
}

/** Sends SIGKILL to all; they may take a moment to go. */
export async function killCgroup(cgroup: Cgroup, options: KillOptions): Promise<void> {
  if (!killByKernel(cgroup)) await killMembers(cgroup, options);
}

/** The same without cgroup.kill, also for who is in a v1 hierarchy alone. */
export async function killMembers(cgroup: Cgroup, options: KillOptions): Promise<void> {
  const members = memberDirectory(cgroup);
  if (members === undefined) return;
  const freezer = directoryOf(cgroup, "freezer");
  // Thirty looks are a quarter of a second: nearly always the first is enough.
  const frozen = freezer !== undefined && (await tryFreezeThere(freezer, options.sleep, 30));
  try {
    const pids = pidsBelow(members);
    if (!frozen && options.executor) await killByPidfd(options.executor, pids, () => pidsBelow(members));
    else for (const pid of pids) signal(pid);
  } finally {
    if (freezer) thawThere(freezer);
  }
}

/** Every process, also those that a container has moved into v1 cgroups below, is in the v2 tree too. */
function killByKernel(cgroup: Cgroup): boolean {
  const unified = unifiedOf(cgroup);
  if (!unified) return false;
  return !writeCgroupFile(hostPath(unified), "cgroup.kill", "1", "kill what is in the cgroup", [
    "ENOENT",
    "ENODEV",
    "EOPNOTSUPP",
  ]);
}

type Freezer = Parameters<typeof thaw>[0];

async function tryFreezeThere(freezer: Freezer, sleep: Sleep, rounds: number): Promise<boolean> {
  try {
    return await tryFreeze(freezer, sleep, rounds);
  } catch (error) {
    if (gone(error)) return false;
    throw error;
  }
}

function thawThere(freezer: Freezer): void {
  try {
    thaw(freezer);
  } catch (error) {
    if (!gone(error)) throw error;
  }
}

function gone(error: unknown): boolean {
  return codeOf(error) === "ENOENT" || codeOf(error) === "ENODEV";
}

function signal(pid: number): void {
  try {
    kill(pid, "SIGKILL");
  } catch (error) {
    if (codeOf(error) !== "ESRCH") throw error;
  }
}
