/**
 * Mounts as a request says them, and `inspect` after it: the inverse of request/container-mounts.ts. What `--volume` and `--tmpfs` can say is said so, as
 * every engine understands it; the rest as Docker's `--mount` has it.
 */

import { isDeepStrictEqual } from "node:util";
import type { BindMount, MountSpec, TmpfsMount, VolumeMount } from "../engine/container/spec.ts";
import { parseTmpfs } from "./text/tmpfs.ts";
import { parseVolume, volumeText } from "./text/volume.ts";

export interface SaidMounts {
  readonly binds: readonly string[];
  readonly mounts: readonly object[];
  readonly tmpfs: Readonly<Record<string, string>>;
  /** Targets of volumes that have no name. */
  readonly anonymous: readonly string[];
}

export function sayMounts(mounts: readonly MountSpec[]): SaidMounts {
  const binds: string[] = [];
  const others: object[] = [];
  const tmpfs: Record<string, string> = {};
  const anonymous: string[] = [];
  for (const mount of mounts) {
    const text = isVolume(mount) ? volumeText(mount) : undefined;
    if (text !== undefined && readsAs(() => parseVolume(text), mount)) {
      if (mount.kind === "volume" && mount.name === undefined && text === mount.target) anonymous.push(text);
      else binds.push(text);
    } else if (mount.kind === "tmpfs" && readsAs(() => parseTmpfs(tmpfsText(mount)), mount))
      tmpfs[mount.target] = tmpfsOptions(mount);
    else others.push(mountBody(mount));
  }
  return { binds, mounts: others, tmpfs, anonymous };
}

const isVolume = (mount: MountSpec): mount is BindMount | VolumeMount =>
  mount.kind === "bind" || mount.kind === "volume";

function readsAs(read: () => MountSpec, mount: MountSpec): boolean {
  try {
    return isDeepStrictEqual({ ...read() }, { ...mount });
  } catch {
    return false;
  }
}

function tmpfsText(mount: TmpfsMount): string {
  const options = tmpfsOptions(mount);
  return options === "" ? mount.target : `${mount.target}:${options}`;
}

function tmpfsOptions({ readOnly, options }: TmpfsMount): string {
  return [...options, ...(readOnly ? ["ro"] : [])].join(",");
}

function mountBody(mount: MountSpec): object {
  const { kind: Type, target: Target } = mount;
  switch (mount.kind) {
    case "bind":
      return {
        Type,
        Source: mount.source,
        Target,
        ReadOnly: mount.readOnly,
        BindOptions: {
          ...(mount.propagation ? { Propagation: mount.propagation } : {}),
          ...(mount.recursive === "disabled" ? { NonRecursive: true } : {}),
          ...(mount.recursive === "writable" ? { ReadOnlyNonRecursive: true } : {}),
          ...(mount.recursive === "readonly" ? { ReadOnlyForceRecursive: true } : {}),
          ...(mount.createSource ? { CreateMountpoint: true } : {}),
        },
      };
    case "volume":
      return {
        Type,
        Source: mount.name ?? "",
        Target,
        ReadOnly: mount.readOnly,
        VolumeOptions: {
          NoCopy: mount.noCopy,
          Labels: mount.labels,
          ...(mount.subpath === undefined ? {} : { Subpath: mount.subpath }),
          ...(mount.driver === undefined && Object.keys(mount.driverOptions).length === 0
            ? {}
            : { DriverConfig: { Name: mount.driver ?? "", Options: mount.driverOptions } }),
        },
      };
    case "tmpfs":
      return {
        Type,
        Target,
        ReadOnly: mount.readOnly,
        TmpfsOptions: {
          ...(mount.size === undefined ? {} : { SizeBytes: mount.size }),
          ...(mount.mode === undefined ? {} : { Mode: mount.mode }),
          ...(mount.options.length === 0
            ? {}
            : { Options: mount.options.map((option) => option.split("=")) }),
        },
      };
    case "image":
      return {
        Type,
        Source: mount.image,
        Target,
        ...(mount.subpath === undefined ? {} : { ImageOptions: { Subpath: mount.subpath } }),
      };
  }
}
