/** Removing a container: its files first, its row last, so that what is interrupted is found again. */

import { existsSync, readdirSync, rmdirSync, rmSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import type { ContainerId, HostPath } from "../../base/ids.ts";
import { exitName, socketName } from "../../kernel/shim/wire.ts";
import type { EngineHost } from "../host.ts";
import { logName, paths } from "../roots.ts";
import { recordEvent } from "../store/events.ts";
import { killShim } from "./alive.ts";
import { networkFiles } from "./identity.ts";
import type { ContainerRecord } from "./records.ts";

/** Files of ours in a container's directory. */
const known = [...networkFiles, logName, ...[1, 2, 3].map((n) => `${logName}.${n}`)];

/** Of one whose remover is gone: nothing is known of how far that has come. */
export async function finishRemoval(host: EngineHost, record: ContainerRecord): Promise<void> {
  await killShim(host, record);
  const { cleanHost } = await import("./clean-host.ts");
  await cleanHost(host, record);
  if (record.spec.autoRemove) await removeVolumes(host, record.id);
  await forget(host, record);
}

/** Files and row. */
export async function forget(host: EngineHost, record: ContainerRecord): Promise<void> {
  await removeFiles(host, record.id);
  host.database.transaction(() => {
    host.database.run("DELETE FROM container WHERE id = ?", record.id);
    recordEvent(host, "destroy", record);
  });
}

export async function removeFiles(host: EngineHost, id: ContainerId): Promise<void> {
  removeRunDirectory(host, id);
  const directory = paths.container(host.roots, id);
  for (const name of known) remove(() => unlinkSync(join(directory, name)));
  // What the container wrote may be anything: an executor takes it away. Mostly there is nothing.
  for (const name of ["work/work", "work", "upper", ""]) remove(() => rmdirSync(join(directory, name)));
  if (existsSync(directory)) await removeTree(host, directory);
}

/** Only whoever starts or removes a container does this: a run directory belongs to one launch. */
export function removeRunDirectory(host: EngineHost, id: ContainerId): void {
  const directory = paths.run(host.roots, id);
  for (const name of [socketName, exitName]) remove(() => unlinkSync(join(directory, name)));
  remove(() => rmdirSync(directory));
  if (existsSync(directory)) rmSync(directory, { recursive: true, force: true });
}

/** The anonymous volumes that the container has made. */
export async function removeVolumes(host: EngineHost, id: ContainerId): Promise<void> {
  for (const name of volumeNames(host))
    if (name.startsWith(`${id}-`)) await removeTree(host, paths.volume(host.roots, name));
}

/** Most containers leave nothing that needs it, so it is loaded for those that do. */
async function removeTree(host: EngineHost, directory: HostPath): Promise<void> {
  const tree = await import("../../image/layers/session-tree.ts");
  await tree.removeTree(host.shim, directory);
}

function volumeNames(host: EngineHost): readonly string[] {
  try {
    return readdirSync(paths.volumes(host.roots));
  } catch {
    return []; // There never was a volume.
  }
}

function remove(attempt: () => void): void {
  try {
    attempt();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "ENOTEMPTY") throw error;
  }
}
