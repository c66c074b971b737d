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
  return {
    id: ownerId(process.pid)!,
    isAlive: (id) => {
      const [pid, startTime = "", bootId = ""] = id.split(separator);
      return isRunning({ pid: Number(pid), startTime, bootId });
    },
  };
}

/** The id of any process as an owner; undefined when there is none of that pid. */
export function ownerId(pid: number): string | undefined {
  const found = identifyProcess(pid);
  return found && [found.pid, found.startTime, found.bootId].join(separator);
}

/** The pid of an id, for messages. */
export function pidOf(id: string): string {
  return id.split(separator)[0]!;
}

const separator = "_";
