/** Folders of the store of layers that are no layers: what a process unpacks or removes is under a name of its own. */

import { mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { HostPath } from "../../base/ids.ts";
import { isOwned, ownedName } from "../store/owner.ts";
import { encodeText } from "../tar/byte-string.ts";
import { type LayerStore, markSuffix } from "./layer-store.ts";

/** A folder to unpack into. Whoever makes one removes what killed processes have left. */
export async function makeTemporary(store: LayerStore): Promise<HostPath> {
  const made = mkdirSync(store.folder, { recursive: true, mode: 0o700 });
  if (made !== undefined) await store.spread(store.folder);
  for (const left of takeAbandoned(store)) await removeTree(store, left);
  const folder = temporaryName(store);
  mkdirSync(folder, { mode: 0o755 });
  return folder;
}

/** Takes a layer's name and mark away; where it is then, or undefined when there was none. */
export function outOfSight(store: LayerStore, layer: HostPath): HostPath | undefined {
  const temporary = taken(store, layer);
  rmSync(layer + markSuffix, { force: true });
  return temporary;
}

/** What killed processes were unpacking or removing; it is this process's then. */
export function takeAbandoned(store: LayerStore): readonly HostPath[] {
  return temporariesIn(store).abandoned.flatMap((name) => taken(store, join(store.folder, name)) ?? []);
}

/** What is being unpacked or removed, and what killed processes have left of that. */
export function temporariesIn(store: LayerStore): {
  readonly owned: readonly string[];
  readonly abandoned: readonly string[];
} {
  const names = namesIn(store.folder).filter((name) => name.startsWith(prefix));
  const isOurs = (name: string) => isOwned(store.owner, name.slice(prefix.length));
  return { owned: names.filter(isOurs), abandoned: names.filter((name) => !isOurs(name)) };
}

/** Removes a folder of the store whose content came from an archive: by the jail, from which no link leads out. */
export async function removeTree(store: LayerStore, folder: HostPath): Promise<void> {
  const jail = await store.openJail(store.folder);
  try {
    await jail.run([{ kind: "remove", path: encodeText(folder.slice(store.folder.length + 1)) }]);
    await jail.settle();
  } finally {
    await jail.close();
  }
}

/** None when the folder is not there. */
export function namesIn(folder: HostPath): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

const prefix = ".tmp-";

function temporaryName(store: LayerStore): HostPath {
  return join(store.folder, prefix + ownedName(store.owner, store.random)) as HostPath;
}

/** Makes a folder this process's own; undefined when it is not there, or another process was first. */
function taken(store: LayerStore, folder: string): HostPath | undefined {
  const temporary = temporaryName(store);
  try {
    renameSync(folder, temporary);
    return temporary;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
