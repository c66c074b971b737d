/** Volumes, networks and events in documents → as the engine tells of them. */

import type { HostPath } from "../../base/ids.ts";
import type { EngineEvent } from "../../engine/events/feed.ts";
import type { NetworkInfo } from "../../engine/networks.ts";
import type { VolumeInfo } from "../../engine/volume/volume.ts";
import { int64, text } from "../../spec/schema/scalars.ts";
import { list, looseObject, omitEmpty, optional, record } from "../../spec/schema/schema.ts";
import { milliseconds } from "./time.ts";

const word = omitEmpty(text);
const texts = optional(record(text));

const volumeDocument = looseObject({
  Name: text,
  CreatedAt: word,
  Labels: texts,
  Options: texts,
  Mountpoint: word,
});

export function volumeInfoOf(value: unknown, at: string): VolumeInfo {
  const { Name, CreatedAt, Labels = {}, Options = {}, Mountpoint = "" } = volumeDocument(value, at);
  return {
    name: Name,
    created: milliseconds(CreatedAt) ?? 0,
    labels: Labels,
    options: Options,
    mountPoint: Mountpoint as HostPath,
  };
}

const volumeList = looseObject({ Volumes: optional(list(volumeInfoOf)) });

export function volumeInfosOf(value: unknown, at: string): readonly VolumeInfo[] {
  return volumeList(value, at).Volumes ?? [];
}

const member = looseObject({ Name: word, MacAddress: word, IPv4Address: word, IPv6Address: word });

const networkDocument = looseObject({
  Name: text,
  Id: text,
  Created: word,
  Driver: word,
  Containers: optional(record(member)),
});

/** How its bridge is made is its host's affair. */
export function networkInfoOf(value: unknown, at: string): NetworkInfo {
  const { Name, Id, Created, Driver = "", Containers = {} } = networkDocument(value, at);
  return {
    name: Name,
    id: Id,
    created: milliseconds(Created) ?? 0,
    // Others have more drivers.
    driver: Driver as NetworkInfo["driver"],
    containers: Object.entries(Containers).map(([id, { Name: name = "" }]) => ({ id, name })),
  };
}

const eventDocument = looseObject({
  Type: word,
  Action: word,
  Actor: optional(looseObject({ ID: word, Attributes: texts })),
  time: optional(int64),
  timeNano: optional(int64),
});

/** `id`: its number among those of one connection. */
export function eventOf(value: unknown, at: string, id: number): EngineEvent {
  const { Type = "", Action = "", Actor = {}, time = 0, timeNano } = eventDocument(value, at);
  return {
    id,
    time: timeNano === undefined ? Number(time) * 1000 : Number(BigInt(timeNano) / 1_000_000n),
    type: Type,
    action: Action,
    subject: Actor.ID ?? "",
    attributes: Actor.Attributes ?? {},
  };
}
