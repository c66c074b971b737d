/**
 * The sides of the benchmark, each as the words it takes to do the same thing: same image, same limits, same seccomp
 * profile (each engine's default, which is Docker's), same network.
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { hostNames, rootsOf } from "../src/engine/roots.ts";
import type { Peer } from "../tests/fixtures/peers.ts";
import { checkout } from "../tests/fixtures/sources.ts";

/** `bun` and `node` are brig's library in a program of those. */
export type Side = "brig" | "docker" | "podman" | "crun" | "runc" | "bun" | "node";
export type Network = "bridge" | "none" | "host";

/** An engine that manages images and containers by name. */
export interface Engine {
  readonly side: Side;
  /** The words before any verb. */
  readonly command: readonly string[];
  /** Flags of `run` that only this engine needs. */
  readonly runFlags: readonly string[];
  /** The command name of the process that stays with each running container. */
  readonly helper: string;
  /** The processes that run whether or not there are containers. */
  readonly daemons: readonly string[];
}

export const brigExecutable: string = join(checkout, "bin/brig");

/** Where brig keeps its state under the folder of the benchmark. */
export const brigRoot = (folder: string): string => join(folder, "brig");
export const brigRunRoot = "/run/brig";

/** The cgroup that brig puts its containers under: the name carries the hash of the root. */
export function cgroupOf(folder: string): string {
  return hostNames.cgroup(rootsOf(brigRoot(folder), brigRunRoot)).slice(1);
}

export function brigEngine(folder: string): Engine {
  return {
    side: "brig",
    command: [brigExecutable, "--root", brigRoot(folder), "--run-root", brigRunRoot],
    runFlags: [],
    helper: "brig-shim",
    daemons: [],
  };
}

export function dockerEngine(peer: Peer): Engine {
  const daemons = ["dockerd", "containerd"];
  return { side: "docker", command: peer.command, runFlags: [], helper: "containerd-shim", daemons };
}

export function podmanEngine(peer: Peer, cgroupParent: string): Engine {
  const runFlags = ["--cgroup-parent", cgroupParent];
  return { side: "podman", command: peer.command, runFlags, helper: "conmon", daemons: [] };
}

/** The limits of every container that is measured, so that making cgroups counts on all sides. */
export const limits: readonly string[] = ["--memory", "256m", "--cpus", "1", "--pids-limit", "100"];

/** `run` with those limits; the rest are further flags, the image and its command. */
export function run(engine: Engine, network: Network, ...rest: readonly string[]): readonly string[] {
  return [...engine.command, "run", ...engine.runFlags, "--network", network, ...limits, ...rest];
}

/** A bare OCI runtime on a bundle. */
export interface Runtime {
  readonly side: Side;
  readonly command: readonly string[];
}

/** Our runtime and Debian's two, each with a state folder of its own. */
export function runtimes(folder: string): readonly Runtime[] {
  const root = (name: string) => ["--root", join(folder, `${name}-state`)];
  return [
    { side: "brig", command: [brigExecutable, "oci", ...root("brig-oci")] },
    { side: "crun", command: ["/usr/bin/crun", ...root("crun")] },
    { side: "runc", command: ["/usr/sbin/runc", ...root("runc")] },
  ];
}

export function brigIsBuilt(): boolean {
  return existsSync(brigExecutable) && existsSync(join(checkout, "bin/brig-shim"));
}
