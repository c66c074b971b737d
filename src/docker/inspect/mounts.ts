/** What is mounted in a container (Engine API, MountPoint). */

import type { ContainerInfo, MountedVolume } from "../../engine/container/info.ts";
import type { MountSpec, VolumeMount } from "../../engine/container/spec.ts";

/** What the user mounts, then the volumes that the image declares. */
export function mountsJson({ spec, volumes }: Pick<ContainerInfo, "spec" | "volumes">) {
  const asked = spec.mounts ?? [];
  const declared = volumes.filter(({ target }) => !asked.some((mount) => mount.target === target));
  const volumeAt = (target: string) => volumes.find((volume) => volume.target === target)!;
  return [
    ...asked.map((mount) => mountJson(mount, volumeAt)),
    ...declared.map((volume) => volumeJson({ readOnly: false }, volume)),
  ];
}

function mountJson(mount: MountSpec, volumeAt: (target: string) => MountedVolume) {
  const { target: Destination } = mount;
  switch (mount.kind) {
    case "bind":
      return {
        Type: "bind",
        Source: mount.source,
        Destination,
        Mode: mount.readOnly ? "ro" : modeOf(mount.relabel),
        RW: !mount.readOnly,
        Propagation: mount.propagation ?? "rprivate",
      };
    case "volume":
      return volumeJson(mount, volumeAt(Destination));
    case "tmpfs":
      return { Type: "tmpfs", Source: "", Destination, Mode: "", RW: !mount.readOnly, Propagation: "" };
    case "image":
      return { Type: "image", Source: mount.image, Destination, Mode: "", RW: false, Propagation: "" };
  }
}

function volumeJson(
  { readOnly, driver, relabel }: Pick<VolumeMount, "readOnly" | "driver" | "relabel">,
  { name, target, path }: MountedVolume,
) {
  return {
    Type: "volume",
    Name: name,
    Source: path,
    Destination: target,
    Driver: driver ?? "local",
    Mode: readOnly ? "ro" : modeOf(relabel),
    RW: !readOnly,
    Propagation: "",
  };
}

/** SELinux: for all containers, or for this one. */
function modeOf(relabel: VolumeMount["relabel"]): string {
  return relabel === "shared" ? "z" : relabel === "private" ? "Z" : "";
}
