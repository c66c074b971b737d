/** What a container's volumes are called, the named and the anonymous ones. */

import { sha256 } from "../../base/digest.ts";
import { BrigError } from "../../base/errors.ts";
import type { ContainerId } from "../../base/ids.ts";
import type { ImageConfig } from "../../spec/image/config.ts";
import type { ContainerSpec } from "./spec.ts";

/** Docker's rule; a name is a folder's, so it must lead nowhere else. */
export function checkVolumeName(name: string): void {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name))
    throw new BrigError(
      "invalid",
      `"${name}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed; if you intended to pass a host directory, use absolute path`,
    );
  if (name.length > longestVolumeName)
    throw new BrigError(
      "invalid",
      `cannot create the volume ${name.slice(0, 16)}…: its name has more than ${longestVolumeName} letters`,
    );
}

/** A file's name has at most 255 bytes; that of a copy that is being made of a volume is longer than its own. */
const longestVolumeName = 200;

/** By its name; an anonymous one of another container's, which that has lent, too. */
export function mountsVolume({ mounts = [] }: ContainerSpec, name: string): boolean {
  return mounts.some((mount) => mount.kind === "volume" && mount.name === name);
}

/** Begins with the container's id, so that it can be removed with the container. */
export function anonymousVolume(id: ContainerId, target: string): string {
  const suffix = Buffer.from(target).toString("base64url");
  // A file's name has at most 255 bytes; a copy that is being made of it has a longer one.
  return `${id}-${suffix.length <= longestSuffix ? suffix : sha256(target).toString("hex")}`;
}

const longestSuffix = 128;

export interface ContainerVolume {
  readonly name: string;
  /** Where it is mounted. */
  readonly target: string;
  /** It is not filled with what the image has there. */
  readonly noCopy: boolean;
  readonly anonymous: boolean;
}

/** Those that the image declares, then the user's. */
export function volumesOf(
  id: ContainerId,
  spec: ContainerSpec,
  image: ImageConfig,
): readonly ContainerVolume[] {
  const declared = imageVolumes(spec, image).map((target) => ({
    name: anonymousVolume(id, target),
    target,
    noCopy: false,
    anonymous: true,
  }));
  const asked = (spec.mounts ?? []).flatMap((mount) =>
    mount.kind !== "volume"
      ? []
      : [
          {
            name: mount.name ?? anonymousVolume(id, mount.target),
            target: mount.target,
            // What the image has there is for the whole volume.
            noCopy: mount.noCopy || mount.subpath !== undefined,
            anonymous: mount.name === undefined,
          },
        ],
  );
  return [...declared, ...asked];
}

/** Targets of the volumes that the image declares and the user did not mount himself. */
export function imageVolumes(spec: ContainerSpec, image: ImageConfig): readonly string[] {
  const targets = new Set((spec.mounts ?? []).map((mount) => mount.target));
  return Object.keys(image.config?.Volumes ?? {}).filter((target) => !targets.has(target));
}
