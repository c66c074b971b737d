/** What the user mounts, and the three files of the host's that every container gets its own of. */

import { statSync } from "node:fs";
import { BrigError } from "../../base/errors.ts";
import type { Mount } from "../../spec/runtime/mounts.ts";
import { networkFiles } from "../snapshot/mount-points.ts";
import type { ConfigContext } from "./runtime-config.ts";
import type { BindMount, ContainerSpec, MountSpec, TmpfsMount, VolumeMount } from "./spec.ts";
import { mapped } from "./user-namespace.ts";
import { checkVolumeName, imageVolumes } from "./volumes.ts";

export function mountsOf(spec: ContainerSpec, c: ConfigContext): Mount[] {
  const asked = spec.mounts ?? [];
  const targets = new Set(asked.map((m) => m.target));
  const access = spec.readOnly ? "ro" : "rw";
  const files = networkFiles
    .filter((name) => !targets.has(`/etc/${name}`))
    .map((name) => {
      const own = c.identity.borrowed.includes(name) ? [] : mapped(c.ids);
      return bind(c.identity.files[name], `/etc/${name}`, ["bind", "rprivate", access, ...own]);
    });
  // An image's volume that the user did not mount himself is an anonymous one.
  const anonymous = imageVolumes(spec, c.image).map((target) =>
    bind(c.volume(undefined, target), target, ["rbind", "rprivate", ...mapped(c.ids)]),
  );
  // A mount below another one comes after it.
  const depth = (m: Mount) => m.destination.split("/").filter(Boolean).length;
  return [...anonymous, ...asked.map((m) => mountOf(m, c)), ...files].sort((a, b) => depth(a) - depth(b));
}

function mountOf(mount: MountSpec, c: ConfigContext): Mount {
  switch (mount.kind) {
    case "bind":
      return bindOf(mount, c);
    case "volume":
      if (mount.name !== undefined) checkVolumeName(mount.name);
      return bind(c.volume(mount.name, mount.target), mount.target, [
        "rbind",
        "rprivate",
        // Never "rw": what the volume itself is a mount of may be read-only.
        ...(mount.readOnly ? ["ro"] : []),
        ...(isMapped(mount, c) ? mapped(c.ids) : []),
      ]);
    case "tmpfs":
      return tmpfsOf(mount);
    case "image":
      // Opened as what it is by `mount-origins.ts`; never to be written, as in Docker.
      return bind(mount.image, mount.target, ["rbind", "rprivate", "ro"]);
  }
}

/** What a volume's options mount is the host's, like a folder of it. */
function isMapped({ name, driverOptions, idmap }: VolumeMount, { hasOptions }: ConfigContext): boolean {
  return idmap || name === undefined || !hasOptions(name, driverOptions);
}

function bindOf(mount: BindMount, { ids }: ConfigContext): Mount {
  if (!statSync(mount.source, { throwIfNoEntry: false }) && !mount.createSource)
    throw new BrigError(
      "invalid",
      `cannot mount ${mount.target}: invalid mount config for type "bind": bind source path does not exist: ${mount.source}`,
    );
  const options = [mount.recursive === "disabled" ? "bind" : "rbind", mount.propagation ?? "rprivate"];
  if (mount.readOnly) options.push("ro");
  // Since Linux 5.12 read-only holds for what is mounted below, too, unless the user says otherwise.
  if (mount.readOnly && mount.recursive !== "writable" && mount.recursive !== "disabled") options.push("rro");
  if (mount.idmap) options.push(...mapped(ids));
  return bind(mount.source, mount.target, options);
}

function tmpfsOf(mount: TmpfsMount): Mount {
  const options = ["noexec", "nosuid", "nodev", ...mount.options];
  if (mount.readOnly) options.push("ro");
  if (mount.size !== undefined) options.push(`size=${mount.size}`);
  if (mount.mode !== undefined) options.push(`mode=${mount.mode.toString(8)}`);
  return { destination: mount.target, type: "tmpfs", source: "tmpfs", options };
}

const bind = (source: string, destination: string, options: string[]): Mount => ({
  destination,
  type: "bind",
  source,
  options,
});
