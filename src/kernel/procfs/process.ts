/**
 * Which process a pid is (proc(5), /proc/PID/stat): a pid is used again, a pid with its start time and the id of
 * the boot is not.
 */

import { readFileSync, readlinkSync } from "node:fs";
import { sleep } from "../../base/sleep.ts";

export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks after boot. */
  readonly startTime: string;
  readonly bootId: string;
}

/** The identity of a process, or undefined when there is none of that pid. */
export function identifyProcess(pid: number, procfs = "/proc"): ProcessIdentity | undefined {
  const stat = readStat(pid, procfs);
  return stat && { pid, startTime: stat.startTime, bootId: readBootId(procfs) };
}

/** False for a zombie as well: it runs no more. */
export function isRunning(identity: ProcessIdentity, procfs = "/proc"): boolean {
  const stat = readStat(identity.pid, procfs);
  return (
    stat !== undefined &&
    stat.startTime === identity.startTime &&
    !endedStates.includes(stat.state) &&
    readBootId(procfs) === identity.bootId
  );
}

/**
 * Whether it was killed and is still there: what waits in the kernel, for a disk or a firewall's change, dies when that
 * is over, and until then looks like any other.
 */
export function isDying(identity: ProcessIdentity, procfs = "/proc"): boolean {
  return isRunning(identity, procfs) && readStat(identity.pid, procfs)?.dying === true;
}

/** Resolves with false when it still runs after so many milliseconds. */
export async function awaitEnd(identity: ProcessIdentity, patience: number): Promise<boolean> {
  const deadline = performance.now() + patience;
  for (let pause = 1; isRunning(identity); pause = Math.min(pause * 2, pauseMax)) {
    if (performance.now() > deadline) return false;
    await sleep(pause);
  }
  return true;
}

/** Resolves when it has ended, or when that takes more than so many milliseconds. */
export async function killProcess(identity: ProcessIdentity, patience = 5000): Promise<void> {
  if (!isRunning(identity)) return;
  try {
    process.kill(identity.pid, "SIGKILL");
  } catch {
    return; // It has just ended.
  }
  await awaitEnd(identity, patience);
}

/** Resolves when an executor's process has become the command it was made for, or has ended. */
export async function awaitExecution(identity: ProcessIdentity): Promise<void> {
  while (isRunning(identity) && isExecutor(identity.pid)) await sleep(1);
}

/** It runs from a sealed copy of the shim in memory. */
export function isExecutor(pid: number, procfs = "/proc"): boolean {
  try {
    return readlinkSync(`${procfs}/${pid}/exe`).startsWith("/memfd:brig-shim");
  } catch {
    return false; // ended
  }
}

const endedStates = "ZX";

/** Milliseconds between two looks. */
const pauseMax = 20;

interface Stat {
  readonly state: string;
  readonly startTime: string;
  readonly dying: boolean;
}

/** PF_EXITING in the flags; bit of SIGKILL among the pending signals. */
const [exiting, killed] = [0x4, 1 << 8];

/** The command's name, in parentheses, may hold anything; fields are counted from behind it. */
function readStat(pid: number, procfs: string): Stat | undefined {
  let text: string;
  try {
    text = readFileSync(`${procfs}/${pid}/stat`, "latin1");
  } catch {
    return undefined; // ENOENT, or ESRCH when it ends just now
  }
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const has = (field: number, bit: number) => (Number(fields[field]) & bit) !== 0;
  return { state: fields[0]!, startTime: fields[19]!, dying: has(6, exiting) || has(28, killed) };
}

function readBootId(procfs: string): string {
  return readFileSync(`${procfs}/sys/kernel/random/boot_id`, "latin1").trim();
}

/** The pid by which a process knows itself, in a pid namespace of its own or not (pid_namespaces(7)). */
export function innermostPid(pid: number, procfs = "/proc"): number {
  const status = readFileSync(`${procfs}/${pid}/status`, "latin1");
  return Number(/^NSpid:.*\t(\d+)$/m.exec(status)?.[1] ?? pid);
}

/** Whether a process is in a cgroup of this name: a pid that is used again is not. */
export function isInCgroup(pid: number, name: string, procfs = "/proc"): boolean {
  try {
    return readFileSync(`${procfs}/${pid}/cgroup`, "latin1").includes(name);
  } catch {
    return false;
  }
}
