/**
 * The unpacked layers, one folder per diff id, holding what that layer adds and the whiteouts for what it removes.
 * overlayfs stacks them; several images share one.
 *
 *   <root>/layers/HEX/                    a layer
 *                 HEX.unsynced            the boot in which it was unpacked; empty once it is on the disk
 *                 .tmp-OWNER-RANDOM/      being unpacked, or being removed
 *
 * Invariants: a folder with a layer's name matches its diff id, and is never changed again; it is complete unless the
 * machine went down before it was on the disk. Nobody waits for the disk: a layer can be unpacked again from its blob.
 * So the mark is on the disk before the name is, and a layer with the mark of another boot is taken for missing.
 * Only root may enter `layers`: a set-user-id program in a layer is not for the host's users.
 *
 * This file is for the way to a container's start; `give-name.ts` and `collect-layers.ts` change the store.
 */

import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Digest, HostPath } from "../../base/ids.ts";
import { bootOf, type Owner } from "../store/owner.ts";
import type { OpenJail } from "./jail.ts";
import type { PlanOptions } from "./plan.ts";

export interface LayerStore {
  readonly folder: HostPath;
  readonly owner: Owner;
  readonly random: (size: number) => Uint8Array;
  readonly plan: PlanOptions;
  readonly openJail: OpenJail;
  /** While no other process, and no other caller in this one, does so too. */
  readonly exclusively: <T>(work: () => T | Promise<T>) => Promise<T>;
  /** Tells the file system that what will be in the folder has nothing to do with each other. */
  readonly spread: (folder: HostPath) => Promise<void>;
  /** Empties files of the folder once all else in it is on the disk; does not wait for that. */
  readonly emptyWhenSynced: (folder: HostPath, names: readonly string[]) => Promise<void>;
}

export function layerStore(root: HostPath, host: Omit<LayerStore, "folder">): LayerStore {
  return { ...host, folder: join(root, "layers") as HostPath };
}

/** Where a layer is, or will be. The algorithm is part of the name only where it is not sha256. */
export function layerFolder(store: LayerStore, diffId: Digest): HostPath {
  return join(store.folder, layerName(diffId)) as HostPath;
}

export function layerName(diffId: Digest): string {
  return diffId.replace(/^sha256:/, "").replace(":", "-");
}

export const markSuffix = ".unsynced";

export function hasLayer(store: LayerStore, diffId: Digest): boolean {
  const folder = layerFolder(store, diffId);
  return statSync(folder, { throwIfNoEntry: false }) !== undefined && isComplete(store, folder + markSuffix);
}

/** No mark, one that is empty, or one of this boot. */
function isComplete(store: LayerStore, mark: string): boolean {
  const stat = statSync(mark, { throwIfNoEntry: false });
  if (stat === undefined || stat.size === 0) return true;
  return readFileSync(mark, "latin1") === bootOf(store.owner.id);
}
