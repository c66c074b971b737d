/**
 * Where one engine keeps what it knows. Two engines with different roots never disturb each other: every name
 * that is host-wide carries the hash of a root that is not the default one.
 */

import { join, resolve } from "node:path";
import { sha256 } from "../base/digest.ts";
import type { ContainerId, HostPath } from "../base/ids.ts";

export const defaultRoot = "/var/lib/brig";
export const defaultRunRoot = "/run/brig";

export interface Roots {
  /** What outlives a reboot: database, images, layers, containers. */
  readonly root: HostPath;
  /** What does not: sockets, exit files. */
  readonly runRoot: HostPath;
  /** "" for the default root, else a dash and six hexadecimal digits. */
  readonly suffix: string;
}

export function rootsOf(root: string = defaultRoot, runRoot: string = defaultRunRoot): Roots {
  const path = resolve(root);
  const suffix = path === defaultRoot ? "" : `-${sha256(path).toString("hex").slice(0, 6)}`;
  return { root: path as HostPath, runRoot: resolve(runRoot) as HostPath, suffix };
}

export const paths = {
  database: ({ root }: Roots) => join(root, "brig.db"),
  images: ({ root }: Roots) => join(root, "image") as HostPath,
  filters: ({ root }: Roots) => join(root, "cache", "seccomp"),
  layers: ({ root }: Roots) => join(root, "layers") as HostPath,
  merged: ({ root }: Roots) => join(root, "merged") as HostPath,
  containers: ({ root }: Roots) => join(root, "containers") as HostPath,
  container: (roots: Roots, id: ContainerId) => join(paths.containers(roots), id) as HostPath,
  volumes: ({ root }: Roots) => join(root, "volumes") as HostPath,
  volume: (roots: Roots, name: string) => join(paths.volumes(roots), name) as HostPath,
  log: (roots: Roots, id: ContainerId) => join(paths.container(roots, id), logName) as HostPath,
  runs: ({ runRoot }: Roots) => join(runRoot, "c") as HostPath,
  /** Short: the path of a unix socket has at most 107 bytes. */
  run: (roots: Roots, id: ContainerId) => join(paths.runs(roots), id.slice(0, 16)) as HostPath,
} as const;

export const logName = "container.log";

/** Names of what the host has only one of. */
export const hostNames = {
  bridge: ({ suffix }: Roots) => (suffix === "" ? "brig0" : `brig${suffix}`),
  table: ({ suffix }: Roots) => `brig${suffix}`,
  cgroup: ({ suffix }: Roots) => `/brig${suffix}`,
  /** Where shims are, in the hierarchy that a service manager kills by. */
  shims: ({ suffix }: Roots) => `brig-shims${suffix}`,
} as const;
