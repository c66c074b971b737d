/** What happened, as rows, for whoever follows. Written in the transaction that makes it true. */

import type { ContainerRecord } from "../container/records.ts";
import type { Database } from "./database.ts";

/** Docker's words. */
export type Action = "create" | "start" | "die" | "destroy" | "kill" | "exec_create";

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
}
