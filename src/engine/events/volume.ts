/** What happened to volumes. */

import { type EventHost, writeEvent } from "./write.ts";

export type VolumeAction = "create" | "destroy" | "mount" | "unmount";

/** In the transaction that makes it true. */
export function recordVolume(
  host: EventHost,
  action: VolumeAction,
  name: string,
  attributes: Readonly<Record<string, string>> = {},
): void {
  writeEvent(host, {
    type: "volume",
    action,
    subject: name,
    attributes: { ...attributes, driver: "local" },
  });
}

/** In one of its own. */
export function tellOfVolume(host: EventHost, action: VolumeAction, name: string): void {
  host.database.transientTransaction(() => recordVolume(host, action, name));
}
