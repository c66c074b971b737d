/** Removing a container: its files first, its row last, so that what is interrupted is found again. */

import { mkdirSync, readdirSync, rmdirSync, rmSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import type { ContainerId, HostPath } from "../../base/ids.ts";
import { exitName, socketName } from "../../kernel/shim/wire.ts";
import { recordEvent } from "../events/record.ts";
import { recordVolume } from "../events/volume.ts";
import type { EngineHost } from "../host.ts";
import { logName, paths } from "../roots.ts";
import { networkFiles } from "../snapshot/mount-points.ts";
import { killShim } from "./alive.ts";
import { unmountVolumes } from "./mounted-volumes.ts";
import { type ContainerRecord, listContainers } from "./records.ts";
import { mountsVolume } from "./volumes.ts";

/** Files of ours in a container's directory; those of the log are what rotation has made of them. */
const isOurs = (name: string) =>
  name.startsWith(logName) || (networkFiles as readonly string[]).includes(name);

/** Of one whose remover is gone: nothing is known of how far that has come. */
export async function finishRemoval(host: EngineHost, record: ContainerRecord): Promise<void> {
  await killShim(host, record);
  const { cleanHost } = await import("./clean-host.ts");
  await cleanHost(host, record);
  await forget(host, record, { volumes: record.spec.autoRemove === true });
}

/** Files and row; and the anonymous volumes. */
export async function forget(
  host: EngineHost,
  record: ContainerRecord,
  { volumes }: { readonly volumes: boolean },
): Promise<void> {
  const removed = volumes ? await removeVolumes(host, record.id) : [];
  await removeFiles(host, record.id);
  // Undone by a power cut, the row says `removing` again, and the next brig goes on with that.
  host.database.transientTransaction(() => {
    host.database.run("DELETE FROM container WHERE id = ?", record.id);
    for (const name of removed) recordVolume(host, "destroy", name);
    recordEvent(host, "destroy", record);
  });
  await unmountVolumes(host, record.spec);
}

export async function removeFiles(host: EngineHost, id: ContainerId): Promise<void> {
  removeRunDirectory(host, id);
  const directory = paths.container(host.roots, id);
  for (const name of namesIn(directory)) if (isOurs(name)) remove(() => unlinkSync(join(directory, name)));
  // What the container wrote may be anything: an executor takes it away. Mostly there is nothing.
  for (const name of ["work/work", "work", "upper"]) remove(() => rmdirSync(join(directory, name)));
  if (!remove(() => rmdirSync(directory))) await removeTree(host, directory);
}

/** Empty: what an earlier launch has left, which may have been killed, is taken away. */
export function makeRunDirectory(host: EngineHost, id: ContainerId): void {
  const directory = paths.run(host.roots, id);
  try {
    mkdirSync(directory, { mode: 0o700 });
  } catch {
    removeRunDirectory(host, id);
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  }
}

/** Only whoever starts or removes a container does this: a run directory belongs to one launch. */
export function removeRunDirectory(host: EngineHost, id: ContainerId): void {
  const directory = paths.run(host.roots, id);
  for (const name of [socketName, exitName]) remove(() => unlinkSync(join(directory, name)));
  if (!remove(() => rmdirSync(directory))) rmSync(directory, { recursive: true, force: true });
}

/** The anonymous volumes that the container has made. Resolves with their names. */
export async function removeVolumes(host: EngineHost, id: ContainerId): Promise<readonly string[]> {
  // Also a copy of what the image has, for a volume that never came to be.
  const own = namesIn(paths.volumes(host.roots)).filter((name) => name.includes(`${id}-`));
  const removed = own.filter((name) => !isBorrowed(host, name));
  for (const name of removed) await removeTree(host, paths.volume(host.roots, name));
  return removed.filter((name) => name.startsWith(id));
}

/** Another container has it by `--volumes-from`. */
function isBorrowed({ database }: EngineHost, name: string): boolean {
  return listContainers(database).some(({ spec }) => mountsVolume(spec, name));
}

/** Most containers leave nothing that needs it, so it is loaded for those that do. */
async function removeTree(host: EngineHost, directory: HostPath): Promise<void> {
  const tree = await import("../../image/layers/session-tree.ts");
  await tree.removeTree(host.shim, directory);
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // There is none, or never was one.
  }
}

/** False when there is something in it. */
function remove(attempt: () => void): boolean {
  try {
    attempt();
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" && code !== "ENOTEMPTY") throw error;
    return code === "ENOENT";
  }
}
