/**
 * That a container has been stopped is told before it is told that it is gone, as by Docker: whoever removes what removes
 * itself finds here that somebody is stopping it. A lock's row says so, which is void when that process has gone.
 */

import { recordEvent } from "../events/record.ts";
import type { EngineHost } from "../host.ts";
import { isLocked } from "../store/lock.ts";
import type { ContainerRecord } from "./records.ts";

type Subject = Pick<ContainerRecord, "id" | "name" | "spec">;

const mark = ({ id }: Subject) => `stop of container ${id}`;

export function beginStop({ database, owner }: EngineHost, subject: Subject): void {
  if (subject.spec.autoRemove)
    database.run("INSERT OR REPLACE INTO lock (name, owner) VALUES (?, ?)", mark(subject), owner.id);
}

/** By whoever has stopped it, unless that was told with its removal. */
export function tellStopped(host: EngineHost, subject: Subject): void {
  host.database.transientTransaction(() => {
    if (!subject.spec.autoRemove || forget(host, subject)) recordEvent(host, "stop", subject);
  });
}

/** In the transaction that removes it. */
export function recordStopped(host: EngineHost, subject: Subject): void {
  if (isLocked(host, mark(subject)) && forget(host, subject)) recordEvent(host, "stop", subject);
}

/** False where somebody else was first. */
function forget({ database }: EngineHost, subject: Subject): boolean {
  return database.run("DELETE FROM lock WHERE name = ?", mark(subject)) > 0;
}
