/**
 * A container's root as an overlay: the image's layers, one layer of ours, and a writable one of its own.
 *
 * Ours holds what every container is mounted over, so that starting one writes nothing to its own layer.
 */

import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { ContainerId, HostPath } from "../../../base/ids.ts";
import type { ResolvedImage } from "../../../image/store/resolve.ts";
import type { OverlaySource } from "../../../runtime/launch/overlay.ts";
import { makePublicDirectory, writePublic } from "../../public-files.ts";
import { paths, type Roots } from "../../roots.ts";
import { mountPoints } from "../mount-points.ts";
import { lowerOf } from "./image.ts";

const mountPointLayer = "mount-points";

export function overlayOf(
  roots: Roots,
  id: ContainerId,
  image: Pick<ResolvedImage, "config">,
): OverlaySource & Required<Pick<OverlaySource, "written">> {
  return {
    kind: "overlay",
    base: roots.root,
    lower: [join("layers", mountPointLayer), ...lowerOf(image)],
    written: { upper: join("containers", id, "upper"), work: join("containers", id, "work") },
  };
}

export function upperOf(roots: Roots, id: ContainerId): HostPath {
  return join(paths.container(roots, id), "upper") as HostPath;
}

/** The container's own directory; the layers must be there already. */
export function makeContainer(roots: Roots, id: ContainerId): void {
  makeMountPoints(roots);
  const directory = paths.container(roots, id);
  // For root alone: what containers leave here may be set-user-id.
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  makePublicDirectory(upperOf(roots, id));
  mkdirSync(join(directory, "work"), { mode: 0o700, recursive: true });
}

function makeMountPoints(roots: Roots): void {
  const layer = join(paths.layers(roots), mountPointLayer);
  if (existsSync(layer)) return;
  const fresh = `${layer}.${process.pid}`;
  for (const directory of ["", ...mountPoints.directories]) makePublicDirectory(join(fresh, directory));
  for (const file of mountPoints.files) writePublic(join(fresh, file), "");
  try {
    renameSync(fresh, layer);
  } catch (error) {
    rmSync(fresh, { recursive: true });
    // Another process was first.
    if (!existsSync(layer)) throw error;
  }
}
