/**
 * Who is at work on a row: a process, named so that no later process of the same pid is mistaken for it. Its
 * claim is void when it is gone.
 */

import { readFileSync } from "node:fs";

/** "pid:start:boot" of a process that is alive, or undefined. */
export function processName(pid: number | "self", procfs = "/proc"): string | undefined {
  try {
    const stat = readFileSync(`${procfs}/${pid}/stat`, "latin1");
    // The command's name may hold anything but ends at the last parenthesis; starttime is field 22 (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return undefined;
    return `${Number.parseInt(stat, 10)}:${fields[19]}:${bootId(procfs)}`;
  } catch {
    return undefined;
  }
}

export function isAlive(name: string, procfs = "/proc"): boolean {
  const [pid] = name.split(":");
  return processName(Number(pid), procfs) === name;
}

export function bootId(procfs = "/proc"): string {
  return readFileSync(`${procfs}/sys/kernel/random/boot_id`, "latin1").trim();
}
