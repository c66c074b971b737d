/**
 * Named and anonymous volumes. A volume is a folder, made when it is first mounted; one that was made by hand has a row
 * as well, with its labels and its age. Either is enough for it to be there.
 */

import { mkdirSync, readdirSync, statSync } from "node:fs";
import { BrigError } from "../../base/errors.ts";
import type { HostPath } from "../../base/ids.ts";
import { checkVolumeName } from "../container/volumes.ts";
import type { EngineHost } from "../host.ts";
import { declareVolume } from "../local/declare.ts";
import type { VolumeOptions } from "../local/options.ts";
import { makePublicDirectory } from "../public-files.ts";
import { paths } from "../roots.ts";

/** A volume as the engine tells of it. */
export interface VolumeInfo {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly created: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Of its driver: what is mounted there while a container has it. */
  readonly options: VolumeOptions;
  readonly mountPoint: HostPath;
}

/** What a volume is to be like. */
export interface VolumeRequest {
  /** Absent for a random one. */
  readonly name?: string;
  readonly driver?: string;
  readonly options?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
}

/** Docker's mark of one that nobody has given a name. */
const anonymousLabel = "com.docker.volume.anonymous";

/** Made by a container for itself, or by `volume create` without a name. */
export function isAnonymous({ name, labels }: VolumeInfo): boolean {
  return Object.hasOwn(labels, anonymousLabel) || /^[0-9a-f]{64}-/.test(name);
}

/** One that is there already stays as it is. */
export function createVolume(host: EngineHost, request: VolumeRequest): VolumeInfo {
  const { driver = "local", options = {} } = request;
  if (driver !== "local")
    throw new BrigError("not-found", `cannot create the volume: plugin "${driver}" not found; use local`);
  const name = request.name ?? Buffer.from(host.random(32)).toString("hex");
  checkVolumeName(name);
  const labels = { ...request.labels, ...(request.name === undefined ? { [anonymousLabel]: "" } : {}) };
  declareVolume(host, { name, options, labels });
  const { roots } = host;
  // For root alone, as with what containers write elsewhere.
  mkdirSync(paths.volumes(roots), { recursive: true, mode: 0o700 });
  makePublicDirectory(paths.volume(roots, name));
  return findVolume(host, name);
}

/** Throws `not-found`. */
export function findVolume(host: EngineHost, name: string): VolumeInfo {
  const row = host.database.get("SELECT created, labels, options FROM volume WHERE name = ?", name);
  const folder = isName(name)
    ? statSync(paths.volume(host.roots, name), { throwIfNoEntry: false })
    : undefined;
  if (!row && !folder)
    throw new BrigError("not-found", `No such volume: ${name}`, { code: "no-such-volume" });
  return {
    name,
    created: row ? Number(row.created) : folder!.birthtimeMs,
    labels: row ? (JSON.parse(String(row.labels)) as VolumeInfo["labels"]) : {},
    options: row ? (JSON.parse(String(row.options)) as VolumeInfo["options"]) : {},
    mountPoint: paths.volume(host.roots, name),
  };
}

/** By name. */
export function listVolumes(host: EngineHost): readonly VolumeInfo[] {
  const rows = host.database.all("SELECT name FROM volume").map((row) => String(row.name));
  const names = new Set([...rows, ...folders(host).filter(isName)]);
  return [...names].sort().map((name) => findVolume(host, name));
}

/** What else is there has been removed by name, and will be removed. */
export const isName = (name: string): boolean =>
  /^[a-zA-Z0-9][^/\0]*$/.test(name) && Buffer.byteLength(name) <= longestName;

/** Bytes of a name in a folder (NAME_MAX of limits.h). */
const longestName = 255;

/** Of volumes, and of what remains of removed ones. */
export function folders(host: Pick<EngineHost, "roots">): readonly string[] {
  try {
    return readdirSync(paths.volumes(host.roots));
  } catch {
    return []; // There never was a volume.
  }
}
