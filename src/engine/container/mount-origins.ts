/** What a container mounts of images, and of volumes from a path in them on (`runtime/launch/origin.ts`). */

import { BrigError } from "../../base/errors.ts";
import type { ContainerId } from "../../base/ids.ts";
import type { MountOrigin } from "../../runtime/launch/origin.ts";
import type { EngineHost } from "../host.ts";
import { findImage } from "../image/find.ts";
import { paths } from "../roots.ts";
import type { Snapshotter } from "../snapshot/snapshotter.ts";
import { hasOptions } from "./mounted-volumes.ts";
import type { ContainerSpec, ImageMount, MountSpec, VolumeMount } from "./spec.ts";
import { anonymousVolume } from "./volumes.ts";

/** By the place where each is mounted. */
export type MountOrigins = ReadonlyMap<string, MountOrigin>;

const none: MountOrigins = new Map();

export function mountOrigins(
  host: EngineHost,
  id: ContainerId,
  { mounts = [] }: ContainerSpec,
  snapshots: Snapshotter,
): MountOrigins {
  if (!mounts.some(hasOrigin)) return none;
  return new Map(
    mounts.filter(hasOrigin).map((mount) => {
      const { target, subpath } = mount;
      const root =
        mount.kind === "image"
          ? snapshots.image(host, mountedImage(host, mount))
          : {
              kind: "directory" as const,
              path: paths.volume(host.roots, mount.name ?? anonymousVolume(id, target)),
            };
      const unmapped = mount.kind === "volume" && keepsOwners(host, mount);
      return [
        target,
        { root, ...(subpath === undefined ? {} : { subpath }), ...(unmapped ? { unmapped } : {}) },
      ] as const;
    }),
  );
}

function keepsOwners(host: EngineHost, { name, driverOptions, idmap }: VolumeMount): boolean {
  return !idmap && name !== undefined && hasOptions(host, name, driverOptions);
}

/** Images that are mounted become folders, as the container's own does. */
export async function prepareMountedImages(
  host: EngineHost,
  { mounts = [] }: ContainerSpec,
  snapshots: Snapshotter,
): Promise<void> {
  for (const mount of mounts)
    if (mount.kind === "image") await snapshots.prepare(host, mountedImage(host, mount));
}

/** An image is known by its id from now on, whatever becomes of its name; paths that cannot be in a folder are refused. */
export function resolveMount(host: EngineHost, mount: MountSpec): MountSpec {
  if (!hasOrigin(mount)) return mount;
  const { subpath } = mount;
  if (subpath !== undefined && !isLocal(subpath))
    throw new BrigError(
      "invalid",
      `invalid mount config for type "${mount.kind}": subpath must be a relative path within the ${mount.kind}`,
    );
  if (mount.kind === "volume") return mount;
  return { ...mount, imageId: findImage(host, mount.image).image.id };
}

export function mountsImage({ mounts = [] }: ContainerSpec, imageId: string): boolean {
  return mounts.some((mount) => mount.kind === "image" && mount.imageId === imageId);
}

export function hasOrigin(mount: MountSpec): mount is Extract<MountSpec, { kind: "image" | "volume" }> {
  return mount.kind === "image" || (mount.kind === "volume" && mount.subpath !== undefined);
}

function mountedImage(host: EngineHost, { image, imageId }: ImageMount) {
  return findImage(host, imageId ?? image).image;
}

/** By the text alone, as go's filepath.IsLocal. */
function isLocal(path: string): boolean {
  let depth = 0;
  for (const part of path.split("/")) {
    if (part === "..") depth--;
    else if (part !== "" && part !== ".") depth++;
    if (depth < 0) return false;
  }
  return path !== "" && !path.startsWith("/");
}
