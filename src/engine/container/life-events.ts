/**
 * What is told of a container that begins and ends to run, as Docker tells it: with the networks and the volumes that it
 * comes to and leaves.
 */

import { readdirSync } from "node:fs";
import type { ImageConfig } from "../../spec/image/config.ts";
import { recordConnection } from "../events/network.ts";
import { recordEvent } from "../events/record.ts";
import { recordVolume } from "../events/volume.ts";
import type { EngineHost } from "../host.ts";
import { paths } from "../roots.ts";
import type { Streams } from "../session.ts";
import { networkOf } from "./network-choice.ts";
import type { ContainerRecord } from "./records.ts";
import { anonymousVolume, volumesOf } from "./volumes.ts";

type Subject = Pick<ContainerRecord, "id" | "name" | "spec">;

/** In the transaction that makes it true. */
export function recordStart(host: EngineHost, subject: Subject, image: ImageConfig, streams: Streams): void {
  recordArrival(host, subject, image, streams);
  recordEvent(host, "start", subject);
}

/** It has not begun to run, and is told to have come and gone all the same. */
export function recordFailedStart(
  host: EngineHost,
  subject: Subject,
  image: ImageConfig,
  streams: Streams,
): void {
  const { id, spec } = subject;
  recordArrival(host, subject, image, streams);
  recordDeparture(
    host,
    subject,
    volumesOf(id, spec, image).map(({ name }) => name),
  );
}

function recordArrival(host: EngineHost, subject: Subject, image: ImageConfig, streams: Streams): void {
  const { id, spec } = subject;
  if (streams.stdin || streams.stdout || streams.stderr) recordEvent(host, "attach", subject);
  tellConnection(host, "connect", subject);
  for (const { name, target } of volumesOf(id, spec, image))
    recordVolume(host, "mount", name, {
      container: id,
      destination: target,
      propagation: "",
      "read/write": String(!isReadOnly(spec, target)),
    });
}

function recordDeparture(host: EngineHost, subject: Subject, volumes: readonly string[]): void {
  tellConnection(host, "disconnect", subject);
  for (const name of volumes) recordVolume(host, "unmount", name, { container: subject.id });
}

/** One that shares the network of another container is in none. */
function tellConnection(host: EngineHost, action: "connect" | "disconnect", { id, spec }: Subject): void {
  const { kind } = networkOf(spec);
  if (kind !== "container") recordConnection(host, action, id, kind);
}

function isReadOnly({ mounts = [] }: Subject["spec"], target: string): boolean {
  return mounts.some((mount) => mount.kind === "volume" && mount.target === target && mount.readOnly);
}

/** The same; `volumes` as they were before any was removed. */
export function recordEnd(
  host: EngineHost,
  subject: Subject,
  { code, oom }: { readonly code: number; readonly oom: boolean },
  volumes: readonly string[],
): void {
  if (oom) recordEvent(host, "oom", subject);
  recordEvent(host, "die", subject, { exitCode: String(code) });
  recordDeparture(host, subject, volumes);
}

/** Names of those that it has, without a look at its image, which may be gone: an anonymous one has the id in its name. */
export function heldVolumes({ roots }: EngineHost, { id, spec }: Subject): readonly string[] {
  const asked = (spec.mounts ?? []).flatMap((mount) =>
    mount.kind === "volume" ? [mount.name ?? anonymousVolume(id, mount.target)] : [],
  );
  const own = namesIn(paths.volumes(roots)).filter((name) => name.startsWith(`${id}-`));
  return [...new Set([...asked, ...own])];
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // There never was a volume.
  }
}
