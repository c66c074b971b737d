/** A process as the holder of a lock, under a name that outlives it and that no other process will ever have. */

import { identifyProcess, isRunning } from "../../kernel/procfs/process.ts";

export interface Owner {
  /** Fit for a file name. */
  readonly id: string;
  /** Whether the process of that id still runs. */
  readonly isAlive: (id: string) => boolean;
}

/** This process. */
export function thisProcess(): Owner {
  const { pid, startTime, bootId } = identifyProcess(process.pid)!;
  return {
    id: [pid, startTime, bootId].join(separator),
    isAlive: (id) => {
      const [pid, startTime = "", bootId = ""] = id.split(separator);
      return isRunning({ pid: Number(pid), startTime, bootId });
    },
  };
}

/** The pid of an id, for messages. */
export function pidOf(id: string): string {
  return id.split(separator)[0]!;
}

const separator = "_";
