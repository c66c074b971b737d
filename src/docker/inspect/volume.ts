/** A volume as `docker volume inspect` shows it (Engine API, Volume). */

import type { VolumeInfo } from "../../engine/volume/volume.ts";
import { timestamp } from "../timestamp.ts";

export function volumeJson({ name, created, labels, options, mountPoint }: VolumeInfo) {
  return {
    CreatedAt: timestamp(created),
    Driver: "local",
    Labels: labels,
    Mountpoint: mountPoint,
    Name: name,
    Options: options,
    Scope: "local",
  };
}
