/** `brig events`: what happens, a line each, until it is interrupted or `--until` has come. */

import { eventFilter } from "../../docker/filter/event.ts";
import { eventJson } from "../../docker/inspect/event.ts";
import { instant } from "../../docker/text/moment.ts";
import { localTime } from "../../docker/timestamp.ts";
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
      await context.stdout.write(`${format ? formatOne(format, fieldsOf(event)) : eventLine(event)}\n`);
  return 0;
}

/** "2026-11-25T23:23:47.173000000Z container start ID (image=busybox, name=web)" */
function eventLine({ time, type, action, subject, attributes }: EngineEvent): string {
  const pairs = Object.entries(attributes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`);
  const about = pairs.length > 0 ? ` (${pairs.join(", ")})` : "";
  return `${localTime(time)} ${type} ${action} ${subject}${about}`;
}

/** Templates know by their Go names what JSON has in lower case. */
function fieldsOf(event: EngineEvent): object {
  const plain = eventJson(event);
  const json = { ...plain, Actor: { ...plain.Actor, Attributes: withMissing(event.attributes) } };
  const { status: Status = "", id: ID = "", from: From = "", scope: Scope, time: Time, timeNano } = json;
  const names = { Status, ID, From, Scope, Time, TimeNano: timeNano };
  for (const [name, value] of Object.entries(names)) Object.defineProperty(json, name, { value });
  return json;
}

/** Events have one attribute or another, and a template is for all of them. */
function withMissing(attributes: EngineEvent["attributes"]): object {
  const missing = { configurable: true, enumerable: false, value: undefined };
  return new Proxy(attributes, {
    getOwnPropertyDescriptor: (own, name) => Reflect.getOwnPropertyDescriptor(own, name) ?? missing,
  });
}
