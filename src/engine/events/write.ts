/** What happened, as rows, for whoever follows. Written in the transaction that makes it true. */

import type { Database } from "../store/database.ts";

export interface EventHost {
  readonly database: Database;
  readonly now: () => number;
}

export interface Happening {
  readonly type: "container" | "image" | "network" | "volume";
  /** Docker's word. */
  readonly action: string;
  /** Id or name of what it happened to; empty where it happened to many. */
  readonly subject: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** How many are kept; Docker keeps 256. */
const kept = 10_000;

/** The oldest go so many at a time, as each removal writes one more page. */
const together = 64;

export function writeEvent({ database, now }: EventHost, happening: Happening): void {
  const { type, action, subject, attributes } = happening;
  const row = database.get(
    "INSERT INTO event (time, type, action, subject, attributes) VALUES (?, ?, ?, ?, ?) RETURNING id",
    now(),
    type,
    action,
    subject,
    JSON.stringify(attributes),
  );
  const id = Number(row?.id);
  if (id % together === 0) database.run("DELETE FROM event WHERE id <= ?", id - kept);
  database.announce();
}

/** Of what no row tells: it need not wait for the disk. */
export function tellEvent(host: EventHost, happening: Happening): void {
  host.database.transientTransaction(() => writeEvent(host, happening));
}
