/** What is mounted in a container (Engine API, MountPoint). */

import type { MountSpec } from "../../engine/container/spec.ts";

export function mountsJson(mounts: readonly MountSpec[]) {
  return mounts.map(mountJson);
}

function mountJson(mount: MountSpec) {
  const { target: Destination } = mount;
  switch (mount.kind) {
    case "bind":
      return {
        Type: "bind",
        Source: mount.source,
        Destination,
        Mode: mount.relabel === "shared" ? "z" : mount.relabel === "private" ? "Z" : "",
        RW: !mount.readOnly,
        Propagation: mount.propagation ?? "rprivate",
      };
    case "volume":
      return {
        Type: "volume",
        ...(mount.name === undefined ? {} : { Name: mount.name }),
        Source: "",
        Destination,
        Driver: mount.driver ?? "local",
        Mode: "",
        RW: !mount.readOnly,
        Propagation: "",
      };
    case "tmpfs":
      return { Type: "tmpfs", Source: "", Destination, Mode: "", RW: !mount.readOnly, Propagation: "" };
    case "image":
      return { Type: "image", Source: mount.image, Destination, Mode: "", RW: false, Propagation: "" };
  }
}
