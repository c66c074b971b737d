/** What a container's mounts come from, made where it is not there yet: volumes, and the folders that `-v` names. */

import { existsSync, mkdirSync, statSync } from "node:fs";
import { tellOfVolume } from "../events/volume.ts";
import type { EngineHost } from "../host.ts";
import { makePublicDirectory } from "../public-files.ts";
import { paths } from "../roots.ts";
import { prepareMountedImages } from "./mount-origins.ts";
import { hasOptions } from "./mounted-volumes.ts";
import type { PlanRequest } from "./plan.ts";
import { type ContainerVolume, checkVolumeName, volumesOf } from "./volumes.ts";

export interface SourcesRequest extends Pick<PlanRequest, "id" | "spec" | "image" | "snapshots"> {
  /** It has never run: only then do empty volumes get what the image has at their places. */
  readonly isFirst: boolean;
}

export async function makeSources(host: EngineHost, request: SourcesRequest): Promise<void> {
  const { id, spec, image, snapshots } = request;
  await prepareMountedImages(host, spec, snapshots);
  await createNamed(host, spec);
  for (const volume of volumesOf(id, spec, image.config)) await makeVolume(host, request, volume);
  for (const mount of spec.mounts ?? [])
    if (mount.kind === "bind" && mount.createSource && !statSync(mount.source, { throwIfNoEntry: false }))
      mkdirSync(mount.source, { recursive: true });
}

async function mountOptioned(host: EngineHost, name: string): Promise<void> {
  const { mountVolume, optionsOf } = await import("../local/mount.ts");
  await mountVolume(host, name, optionsOf(host, name)!);
}

/** `--mount` with options or labels of a volume that is not there yet makes it as `volume create` does. */
async function createNamed(host: EngineHost, { mounts = [] }: SourcesRequest["spec"]): Promise<void> {
  for (const mount of mounts) {
    if (mount.kind !== "volume" || mount.name === undefined) continue;
    const { name, driverOptions: options, labels } = mount;
    if (Object.keys(options).length + Object.keys(labels).length === 0) continue;
    const { declareVolume } = await import("../local/declare.ts");
    checkVolumeName(name);
    declareVolume(host, { name, options, labels });
  }
}

async function makeVolume(
  host: EngineHost,
  { spec, image, snapshots, isFirst }: SourcesRequest,
  { name, target, noCopy, anonymous }: ContainerVolume,
): Promise<void> {
  const { roots } = host;
  checkVolumeName(name);
  if (hasOptions(host, name)) return mountOptioned(host, name);
  // For root alone, as with what containers write elsewhere.
  mkdirSync(paths.volumes(roots), { recursive: true, mode: 0o700 });
  const isNew = !isThere(host, name);
  const { fillVolume, needsFill } = await import("./fill/volume.ts");
  const fills = isFirst && !noCopy;
  if (needsFill(roots, name, fills))
    await fillVolume(host, {
      name,
      ...(fills ? { from: { image, snapshots, path: target } } : {}),
      brief: anonymous && spec.autoRemove === true,
    });
  makePublicDirectory(paths.volume(roots, name));
  if (isNew) tellOfVolume(host, "create", name);
}

function isThere({ database, roots }: EngineHost, name: string): boolean {
  if (existsSync(paths.volume(roots, name))) return true;
  return database.get("SELECT 1 FROM volume WHERE name = ?", name) !== undefined;
}
