/** What happened to containers. */

import type { ContainerRecord } from "../container/records.ts";
import type { Database } from "../store/database.ts";
import { type EventHost, writeEvent } from "./write.ts";

/** Docker's words. Those of commands in a container have the command behind them. */
export type Action =
  | "archive-path"
  | "attach"
  | "create"
  | "destroy"
  | "detach"
  | "die"
  | "exec_detach"
  | "exec_die"
  | "export"
  | "extract-to-dir"
  | "kill"
  | "oom"
  | "pause"
  | "rename"
  | "resize"
  | "restart"
  | "start"
  | "stop"
  | "top"
  | "unpause"
  | "update"
  | `exec_create: ${string}`
  | `exec_start: ${string}`;

type Subject = Pick<ContainerRecord, "id" | "name" | "spec">;

/** In the transaction that makes it true. */
export function recordEvent(
  host: EventHost,
  action: Action,
  { id, name, spec }: Subject,
  attributes: Readonly<Record<string, string>> = {},
): void {
  writeEvent(host, {
    type: "container",
    action,
    subject: id,
    attributes: { ...spec.labels, image: spec.image, name, ...attributes },
  });
}

/** In one of its own: the row says it already, or it leaves no trace there. */
export function tellOf(host: EventHost, ...event: DropFirst<Parameters<typeof recordEvent>>): void {
  host.database.transientTransaction(() => recordEvent(host, ...event));
}

type DropFirst<T extends readonly unknown[]> = T extends readonly [unknown, ...infer Rest] ? Rest : never;

/** Of a container that may be gone. */
export function lastExitCode(database: Database, id: string): number | undefined {
  const row = database.get(
    "SELECT attributes ->> 'exitCode' AS code FROM event WHERE subject = ? AND action = 'die' ORDER BY id DESC LIMIT 1",
    id,
  );
  return row && Number(row.code);
}
