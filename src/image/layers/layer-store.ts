/**
 * The unpacked layers: `<root>/layers/HEX/`, one folder per diff id, holding what that layer adds and the whiteouts
 * for what it removes. overlayfs stacks them; several images share one.
 *
 * Invariants: a folder with a layer's name is complete, matches its diff id, and is never changed again. Only root
 * may enter `layers`: a set-user-id program in a layer is not for the host's users.
 */

import { mkdirSync, readdirSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Digest, type HostPath, parseDigest } from "../../base/ids.ts";
import { encodeText } from "../tar/byte-string.ts";
import type { OpenJail } from "./jail.ts";
import type { PlanOptions } from "./plan.ts";

export interface LayerStore {
  readonly folder: HostPath;
  readonly openJail: OpenJail;
  readonly plan: PlanOptions;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly random: (size: number) => Uint8Array;
}

export function layerStore(root: HostPath, host: Omit<LayerStore, "folder">): LayerStore {
  return { ...host, folder: join(root, "layers") as HostPath };
}

/** Where a layer is, or will be. The algorithm is part of the name only where it is not sha256. */
export function layerFolder(store: LayerStore, diffId: Digest): HostPath {
  return join(store.folder, diffId.replace(/^sha256:/, "").replace(":", "-")) as HostPath;
}

export function hasLayer(store: LayerStore, diffId: Digest): boolean {
  return statSync(layerFolder(store, diffId), { throwIfNoEntry: false }) !== undefined;
}

/** A folder to unpack into. */
export function makeTemporary(store: LayerStore): HostPath {
  mkdirSync(store.folder, { recursive: true, mode: 0o700 });
  const folder = temporaryName(store);
  mkdirSync(folder, { mode: 0o755 });
  return folder;
}

/** Moves a complete layer to its place; false when another process has unpacked the same one in the meantime. */
export function giveName(temporary: HostPath, target: HostPath): boolean {
  try {
    renameSync(temporary, target);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOTEMPTY" || code === "EEXIST") return false;
    throw error;
  }
}

/** Removes a layer; does nothing when it is not there. No container may have it mounted. */
export async function removeLayer(store: LayerStore, diffId: Digest): Promise<void> {
  const temporary = temporaryName(store);
  try {
    // First out of sight, in one step: a removal that is interrupted must not leave half a layer.
    renameSync(layerFolder(store, diffId), temporary);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  await removeTree(store, temporary);
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

/**
 * Removes the layers that nothing needs, and what interrupted unpackings have left; what is younger than `grace`
 * milliseconds is left alone, because its image may be about to get a name.
 */
export async function collectLayers(
  store: LayerStore,
  { needed, grace }: { readonly needed: ReadonlySet<Digest>; readonly grace: number },
): Promise<readonly Digest[]> {
  const removed: Digest[] = [];
  for (const name of namesIn(store.folder)) {
    const stat = statSync(join(store.folder, name), { throwIfNoEntry: false });
    if (stat === undefined || stat.ctimeMs > store.now() - grace) continue;
    const diffId = diffIdOf(name);
    if (name.startsWith(temporaryPrefix)) await removeTree(store, join(store.folder, name) as HostPath);
    if (diffId === undefined || needed.has(diffId)) continue;
    await removeLayer(store, diffId);
    removed.push(diffId);
  }
  return removed;
}

const temporaryPrefix = ".tmp-";

function temporaryName(store: LayerStore): HostPath {
  return join(store.folder, temporaryPrefix + Buffer.from(store.random(12)).toString("hex")) as HostPath;
}

function diffIdOf(name: string): Digest | undefined {
  return parseDigest(name.includes("-") ? name.replace("-", ":") : `sha256:${name}`);
}

function namesIn(folder: HostPath): readonly string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
