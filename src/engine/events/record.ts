/** What happened, as rows, for whoever follows. Written in the transaction that makes it true. */

import type { ContainerRecord } from "../container/records.ts";
import type { Database } from "../store/database.ts";

/** Docker's words. */
export type Action =
  | "create"
  | "start"
  | "restart"
  | "pause"
  | "unpause"
  | "rename"
  | "update"
  | "oom"
  | "die"
  | "destroy"
  | "kill"
  | "exec_create";

/** How many are kept; Docker keeps 256. */
const kept = 10_000;

export function recordEvent(
  host: { readonly database: Database; readonly now: () => number },
  action: Action,
  subject: Pick<ContainerRecord, "id" | "name" | "spec">,
  attributes: Readonly<Record<string, string>> = {},
): void {
  host.database.run(
    "INSERT INTO event (time, type, action, subject, attributes) VALUES (?, 'container', ?, ?, ?)",
    host.now(),
    action,
    subject.id,
    JSON.stringify({ ...subject.spec.labels, image: subject.spec.image, name: subject.name, ...attributes }),
  );
  host.database.announce();
  if (action === "create")
    host.database.run("DELETE FROM event WHERE id <= (SELECT max(id) FROM event) - ?", kept);
}

/** Of a container that may be gone. */
export function lastExitCode(database: Database, id: string): number | undefined {
  const row = database.get(
    "SELECT attributes ->> 'exitCode' AS code FROM event WHERE subject = ? AND action = 'die' ORDER BY id DESC LIMIT 1",
    id,
  );
  return row && Number(row.code);
}
