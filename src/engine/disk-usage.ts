/** What takes the space below a root, and how much of it nobody needs. */

import { BrigError } from "../base/errors.ts";
import type { Digest } from "../base/ids.ts";
import type { ContainerInfo, ImageInfo } from "./container/info.ts";
import { infosOf } from "./container/inspect.ts";
import { mountsImage } from "./container/mount-origins.ts";
import { listContainers } from "./container/records.ts";
import { type ContainerSize, sizeOf } from "./container/size.ts";
import type { EngineHost } from "./host.ts";
import { layersSize, sharedSizes } from "./image/layer-sizes.ts";
import { listImageInfos } from "./image/list.ts";
import { volumeSize } from "./volume/size.ts";
import { volumeUsers } from "./volume/users.ts";
import { listVolumes, type VolumeInfo } from "./volume/volume.ts";

export interface ImageUsage extends ImageInfo {
  /** Bytes of layers that other images have, too. */
  readonly shared: number;
  /** How many have it, running or not. */
  readonly containers: number;
}

export interface ContainerUsage extends ContainerInfo {
  readonly size: ContainerSize;
}

export interface VolumeUsage extends VolumeInfo {
  /** Bytes. */
  readonly size: number;
  /** How many have it, running or not. */
  readonly containers: number;
}

export interface DiskUsage {
  /** Bytes of all layers of images, each counted once. */
  readonly layersSize: number;
  readonly images: readonly ImageUsage[];
  readonly containers: readonly ContainerUsage[];
  readonly volumes: readonly VolumeUsage[];
}

export type UsageKind = "images" | "containers" | "volumes";

/** Of the kinds alone that are wanted: measuring reads every file. */
export async function diskUsage(
  host: EngineHost,
  wanted: readonly UsageKind[] = ["images", "containers", "volumes"],
): Promise<DiskUsage> {
  const records = listContainers(host.database);
  const of = <T>(kind: UsageKind, all: () => readonly T[]) => (wanted.includes(kind) ? all() : []);
  const shared = wanted.includes("images") ? sharedSizes(host) : new Map<Digest, number>();
  const containers: ContainerUsage[] = [];
  for (const [at, info] of of("containers", () => infosOf(host, records)).entries()) {
    const size = await whileThere(() => sizeOf(host, records[at]!));
    if (size) containers.push({ ...info, size });
  }
  const volumes: VolumeUsage[] = [];
  for (const volume of of("volumes", () => listVolumes(host))) {
    const { name } = volume;
    const size = await whileThere(() => volumeSize(host, name));
    const users = volumeUsers(host.database, name).length;
    if (size !== undefined) volumes.push({ ...volume, size, containers: users });
  }
  return {
    layersSize: wanted.includes("images") ? layersSize(host) : 0,
    images: of("images", () => listImageInfos(host)).map((image) => ({
      ...image,
      shared: shared.get(image.id as Digest) ?? 0,
      containers: records.filter(({ imageId, spec }) => imageId === image.id || mountsImage(spec, image.id))
        .length,
    })),
    containers,
    volumes,
  };
}

/** Undefined for what somebody has removed meanwhile. */
async function whileThere<T>(measure: () => Promise<T>): Promise<T | undefined> {
  try {
    return await measure();
  } catch (error) {
    if (error instanceof BrigError && error.kind === "not-found") return undefined;
    throw error;
  }
}
