/** `brig events`: what happens, a line each, until it is interrupted or `--until` has come. */

import { eventFilter } from "../../docker/filter/event.ts";
import { eventJson } from "../../docker/inspect/event.ts";
import { instant } from "../../docker/text/moment.ts";
import type { EngineEvent } from "../../engine/events/feed.ts";
import { formatOne } from "../terminal/format.ts";
import type { CallTo, Context } from "./context.ts";

export async function events({ options }: CallTo<"events">, context: Context): Promise<number> {
  const holds = eventFilter(options.filter);
  const now = BigInt(context.now()) * 1_000_000n;
  const at = (moment: Parameters<typeof instant>[0]) => Number(instant(moment, now) / 1_000_000n);
  const engine = await context.engine();
  const found = await engine.events({
    ...(options.since && { since: at(options.since) }),
    ...(options.until && { until: at(options.until) }),
  });
  const { format } = options;
  for await (const event of found)
    if (holds(event))
      await context.stdout.write(`${format ? formatOne(format, eventJson(event)) : eventLine(event)}\n`);
  return 0;
}

/** "2026-11-25T23:23:47.173000000Z container start ID (image=busybox, name=web)" */
function eventLine({ time, type, action, subject, attributes }: EngineEvent): string {
  const pairs = Object.entries(attributes)
    .map(([name, value]) => `${name}=${value}`)
    .sort();
  const about = pairs.length > 0 ? ` (${pairs.join(", ")})` : "";
  return `${new Date(time).toISOString().replace("Z", "000000Z")} ${type} ${action} ${subject}${about}`;
}
