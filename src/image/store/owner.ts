/** A process as the holder of a lock, under a name that outlives it and that no other process will ever have. */

import { identifyProcess, isRunning, type ProcessIdentity } from "../../kernel/procfs/process.ts";

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
    isAlive: (id) => isRunning(identityOf(id)),
  };
}

/** The id of any process as an owner; undefined when there is none of that pid. */
export function ownerId(pid: number): string | undefined {
  const found = identifyProcess(pid);
  return found && [found.pid, found.startTime, found.bootId].join(separator);
}

/** The process of an id. */
export function identityOf(id: string): ProcessIdentity {
  const [pid, startTime = "", bootId = ""] = id.split(separator);
  return { pid: Number(pid), startTime, bootId };
}

/** The pid of an id, for messages. */
export function pidOf(id: string): string {
  return id.split(separator)[0]!;
}

/** The boot that the process of an id belongs to. */
export function bootOf(id: string): string {
  return id.split(separator)[2] ?? "";
}

/** A file name that says whose the file is: `OWNER-RANDOM`. */
export function ownedName(owner: Owner, random: (size: number) => Uint8Array): string {
  return `${owner.id}-${Buffer.from(random(8)).toString("hex")}`;
}

/** Whether the owner of a file of such a name still runs; a name of any other form has none. */
export function isOwned(owner: Owner, name: string): boolean {
  return owner.isAlive(name.slice(0, name.lastIndexOf("-")));
}

const separator = "_";
