/**
 * OCI bundles for comparing runtimes, from a config.json that Docker itself wrote: its namespaces, mounts, masks,
 * capabilities, limits and seccomp profile, so that no side is given less work than Docker gives its runtime.
 */

import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { limits } from "./engines.ts";

/** The parts of config.json that are changed here. */
interface Config {
  readonly process: { readonly args: readonly string[]; readonly terminal?: boolean };
  readonly root: { readonly path: string };
  readonly mounts: readonly { readonly destination: string; readonly source?: string }[];
  readonly linux: { readonly cgroupsPath?: string };
  readonly hooks?: unknown;
}

/** Makes one bundle per name, each with a root file system of its own, and returns the folder they are in. */
export function makeBundles(
  folder: string,
  docker: readonly string[],
  rootTar: string,
  cgroupParent: string,
  names: readonly string[],
): string {
  const template = dockersConfig(join(folder, "docker"), docker);
  const bundles = join(folder, "bundles");
  for (const name of names) {
    const bundle = join(bundles, name);
    const root = join(bundle, "rootfs");
    mkdirSync(root, { recursive: true });
    execFileSync("tar", ["--extract", "--file", rootTar, "--directory", root]);
    for (const file of ["resolv.conf", "hostname", "hosts"]) writeFileSync(join(bundle, file), "");
    const config = {
      ...template,
      process: { ...template.process, args: ["true"] },
      root: { ...template.root, path: "rootfs" },
      mounts: template.mounts.map((mount) => ({ ...mount, ...ownSource(mount, bundle) })),
      linux: { ...template.linux, cgroupsPath: `${cgroupParent}/${name}` },
      hooks: undefined, // Docker's network setup, which is not the runtime's work
    };
    writeFileSync(join(bundle, "config.json"), JSON.stringify(config, undefined, 2));
  }
  return bundles;
}

/** The config.json of a container that runs just long enough to be read. */
function dockersConfig(folder: string, docker: readonly string[]): Config {
  const call = (...args: readonly string[]) =>
    execFileSync(docker[0]!, [...docker.slice(1), ...args], { encoding: "utf8" }).trim();
  const id = call("run", "-d", "--network", "none", ...limits, "busybox", "sleep", "100000");
  const task = "run/containerd/daemon/io.containerd.runtime.v2.task/moby";
  const text = readFileSync(join(folder, task, id, "config.json"), "utf8");
  call("rm", "--force", id);
  return JSON.parse(text) as Config;
}

/** What Docker mounts from its container's folder comes from the bundle's; /dev/shm becomes a tmpfs. */
function ownSource(mount: Config["mounts"][number], bundle: string): object {
  const file = /^\/etc\/(resolv\.conf|hostname|hosts)$/.exec(mount.destination)?.[1];
  if (file !== undefined) return { source: join(bundle, file) };
  if (mount.destination !== "/dev/shm") return {};
  const options = ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"];
  return { type: "tmpfs", source: "shm", options };
}
