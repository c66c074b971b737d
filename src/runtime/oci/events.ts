/** `events`: what a container uses, now and then, and when it runs out of memory. */

import { BrigError } from "../../base/errors.ts";
import { sleep } from "../../base/sleep.ts";
import { oomKills } from "../../kernel/cgroup/stats/oom-kills.ts";
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

/** Milliseconds between two looks at what the kernel has killed. */
const look = 100;

/**
 * A report at once and then every so many milliseconds, and `{"type":"oom","id":…}` when the kernel has killed a
 * process of it for want of memory, until the container has ended. The kernel counts, so that none is missed.
 */
export async function* watchEvents(context: OciContext, id: string, interval: number): AsyncIterable<string> {
  const cgroup = requireCgroup(context.store.read(id), "watch");
  let killed = oomKills(cgroup);
  for (let next = performance.now(); ; await sleep(Math.min(look, interval))) {
    const alive = isAlive(statusOf(context.store, context.store.read(id), isFrozen));
    const now = oomKills(cgroup);
    if (now > killed) yield `{"type":"oom","id":${JSON.stringify(id)}}`;
    killed = now;
    if (!alive) return;
    if (performance.now() < next) continue;
    yield statsEvent(context, id);
    next += interval;
  }
}
