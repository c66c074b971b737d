/** `spec`: a config.json to start from. */

import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BrigError } from "../../base/errors.ts";
import type { RuntimeConfig } from "../../spec/runtime/config.ts";
import { defaultConfig } from "../../spec/runtime/default-config.ts";

/** Writes it to the bundle, where none must be yet. */
export function writeDefaultConfig(bundle: string, rootless?: RootlessUser): void {
  const path = join(bundle, "config.json");
  if (existsSync(path))
    throw new BrigError("conflict", `cannot write ${path}: the file exists; remove it first`);
  const config = rootless ? forRootless(defaultConfig, rootless) : defaultConfig;
  writeFileSync(path, `${JSON.stringify(config, null, "\t")}\n`, { mode: 0o666 });
}

export interface RootlessUser {
  readonly uid: number;
  readonly gid: number;
}

/** A user namespace with the caller as root: no network of its own, and a /sys that is the host's. */
function forRootless(config: RuntimeConfig, { uid, gid }: RootlessUser): RuntimeConfig {
  const { resources: _, namespaces = [], ...linux } = config.linux!;
  return {
    ...config,
    mounts: config.mounts!.flatMap((mount) => {
      if (mount.destination === "/sys/fs/cgroup") return [];
      if (mount.destination === "/sys")
        return [
          {
            destination: "/sys",
            type: "none",
            source: "/sys",
            options: ["rbind", "nosuid", "noexec", "nodev", "ro"],
          },
        ];
      return [
        {
          ...mount,
          ...(mount.options ? { options: mount.options.filter((o) => !o.startsWith("gid=")) } : {}),
        },
      ];
    }),
    linux: {
      ...linux,
      uidMappings: [{ containerID: 0, hostID: uid, size: 1 }],
      gidMappings: [{ containerID: 0, hostID: gid, size: 1 }],
      namespaces: [...namespaces.filter(({ type }) => type !== "network"), { type: "user" }],
    },
  };
}
