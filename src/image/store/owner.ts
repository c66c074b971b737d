/**
 * A process as the holder of a lock: its pid, when it started, and in which boot, so that a pid that is used again
 * is not taken for it (proc_pid_stat(5), field 22).
 */

import { readFileSync } from "node:fs";

export interface Owner {
  /** Fit for a file name. */
  readonly id: string;
  /** Whether the process of that id still runs. */
  readonly isAlive: (id: string) => boolean;
}

/** This process. */
export function thisProcess(): Owner {
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").slice(0, 8);
  return {
    id: `${process.pid}-${startTime(process.pid)}-${boot}`,
    isAlive: (id) => {
      const [pid, start, inBoot] = id.split("-");
      return inBoot === boot && start !== undefined && startTime(Number(pid)) === start;
    },
  };
}

/** In clock ticks since the boot; undefined when there is no such process. */
function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The second field is the program's name, in parentheses, and may itself contain blanks and parentheses.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}
