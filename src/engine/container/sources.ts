/** What a container's mounts come from, made where it is not there yet: volumes, and the folders that `-v` names. */

import { mkdirSync, statSync } from "node:fs";
import { paths, type Roots } from "../roots.ts";
import type { PlanRequest } from "./plan.ts";
import { makePublicDirectory } from "./public-files.ts";
import { anonymousVolume, checkVolumeName, imageVolumes } from "./volumes.ts";

export function makeSources(
  roots: Roots,
  { id, spec, image }: Pick<PlanRequest, "id" | "spec" | "image">,
): void {
  const volume = (name: string) => {
    checkVolumeName(name);
    // For root alone, as with what containers write elsewhere.
    mkdirSync(paths.volumes(roots), { recursive: true, mode: 0o700 });
    makePublicDirectory(paths.volume(roots, name));
  };
  for (const target of imageVolumes(spec, image.config)) volume(anonymousVolume(id, target));
  for (const mount of spec.mounts ?? []) {
    if (mount.kind === "volume") volume(mount.name ?? anonymousVolume(id, mount.target));
    if (mount.kind === "bind" && mount.createSource && !statSync(mount.source, { throwIfNoEntry: false }))
      mkdirSync(mount.source, { recursive: true });
  }
}
