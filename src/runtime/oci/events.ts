/** `events`: what a container uses, now and then, and when it runs out of memory. */

import { setTimeout as sleep } from "node:timers/promises";
import { BrigError } from "../../base/errors.ts";
import { readStats, statsJson } from "../../kernel/cgroup/stats/stats.ts";
import { isFrozen, requireCgroup } from "./cgroup.ts";
import type { OciContext } from "./context.ts";
import { isAlive, statusOf } from "./status.ts";

/** One line of JSON, as runc prints it: `{"type":"stats","id":…,"data":{…}}`. */
export function statsEvent(context: OciContext, id: string): string {
  const record = context.store.read(id);
  const cgroup = requireCgroup(record, "read the statistics of");
  if (!isAlive(statusOf(context.store, record, isFrozen)))
    throw new BrigError("conflict", `cannot read the statistics of ${id}: the container is not running`);
  return `{"type":"stats","id":${JSON.stringify(id)},"data":${statsJson(readStats(cgroup))}}`;
}

/** A report at once and then every so many milliseconds, until the container has ended. */
export async function* watchEvents(context: OciContext, id: string, interval: number): AsyncIterable<string> {
  for (;;) {
    yield statsEvent(context, id);
    await sleep(interval);
    const record = context.store.read(id);
    if (!isAlive(statusOf(context.store, record, isFrozen))) return;
  }
}
