/**
 * A container's root as an overlay: the image's layers, one layer of ours, and a writable one of its own.
 *
 * Ours holds the directories and files that every container is mounted over, so that starting one writes nothing
 * to its own layer (Docker's "init layer").
 */

import { existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { BrigError } from "../../base/errors.ts";
import type { ContainerId, Digest } from "../../base/ids.ts";
import { layerName } from "../../image/layers/layer-store.ts";
import { lowerLimit, type OverlaySource } from "../../runtime/launch/overlay.ts";
import { paths, type Roots } from "../roots.ts";
import { networkFiles } from "./identity.ts";
import { makePublicDirectory, writePublic } from "./public-files.ts";

const mountPointLayer = "mount-points";
const mountPoints = ["dev/pts", "dev/shm", "dev/mqueue", "proc", "sys", "etc"] as const;

/** `diffIds` from the base up. */
export function overlayOf(roots: Roots, id: ContainerId, diffIds: readonly Digest[]): OverlaySource {
  const layer = (name: string) => join("layers", name);
  return {
    kind: "overlay",
    base: roots.root,
    lower: [layer(mountPointLayer), ...uppermostFirst(diffIds).map((diffId) => layer(layerName(diffId)))],
    written: { upper: join("containers", id, "upper"), work: join("containers", id, "work") },
  };
}

/** Throws for an image of more layers than an overlay can have. */
export function refuseTooManyLayers(diffIds: readonly Digest[]): void {
  const count = uppermostFirst(diffIds).length;
  const limit = lowerLimit - 1; // one is ours
  if (count <= limit) return;
  throw new BrigError(
    "unsupported",
    `cannot make a container: the image has ${count} layers, and an overlay takes ${limit}; build it with fewer, or flatten it with export and import`,
    { code: "too-many-layers" },
  );
}

/**
 * Layers that are the same, such as two steps of a build that changed nothing, share a folder, which the kernel takes
 * once (ELOOP): what is below shows nothing and hides nothing that its like above does not.
 */
function uppermostFirst(diffIds: readonly Digest[]): readonly Digest[] {
  return [...new Set(diffIds.toReversed())];
}

/** The container's own directory; the layers must be there already. */
export function makeSnapshot(roots: Roots, id: ContainerId): void {
  makeMountPoints(roots);
  const directory = paths.container(roots, id);
  // For root alone: what containers leave here may be set-user-id.
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  makePublicDirectory(join(directory, "upper"));
  mkdirSync(join(directory, "work"), { mode: 0o700, recursive: true });
}

function makeMountPoints(roots: Roots): void {
  const layer = join(paths.layers(roots), mountPointLayer);
  if (existsSync(layer)) return;
  const fresh = `${layer}.${process.pid}`;
  for (const directory of ["", "dev", ...mountPoints]) makePublicDirectory(join(fresh, directory));
  for (const file of [...networkFiles.map((name) => `etc/${name}`), "dev/console"])
    writePublic(join(fresh, file), "");
  try {
    renameSync(fresh, layer);
  } catch (error) {
    // Another process was first.
    if (!existsSync(layer)) throw error;
  }
}
