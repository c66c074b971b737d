/** The layouts that tests on the running kernel go through, commands for their processes, and what they look at. */

import { existsSync, readFileSync } from "node:fs";
import { type Cgroup, directoryOf, hostPath } from "../cgroup.ts";
import { readHierarchy } from "../read-hierarchy.ts";

export const legacy = (tree: { readonly version: number }) => tree.version === 1;
export const unified = (tree: { readonly version: number }) => tree.version === 2;

/** What is kept of the host's hierarchies. */
export const layouts = { "the whole host": () => true, "v1 alone": legacy, "v2 alone": unified } as const;

/** Why a test of some hierarchies cannot run here; for `{ skip }`. */
export function missing(keep: (tree: { readonly version: number }) => boolean): string | false {
  return readHierarchy().trees.some(keep) ? false : "this host has no such hierarchy";
}

/** Why a test that needs every controller in the v2 tree cannot run here. */
export function hasLegacy(): string | false {
  return readHierarchy().mode === "v2" ? false : "this host has v1 hierarchies; `make test-vm` has none";
}

export const sleep = ["/bin/sleep", "100"];
export const shell = (script: string) => ["/bin/sh", "-c", script];
export const MiB = 1 << 20;

export function read(cgroup: Cgroup, controller: string, file: string): string {
  return readFileSync(`${hostPath(directoryOf(cgroup, controller)!)}/${file}`, "utf8").trim();
}

/** Whether any of its directories is there. */
export function exists(cgroup: Cgroup): boolean {
  return cgroup.directories.some((directory) => existsSync(hostPath(directory)));
}
