/** The layouts that tests on the running kernel go through, commands for their processes, and what they look at. */

import { existsSync, readFileSync } from "node:fs";
import { type Cgroup, directoryOf, hostPath } from "../cgroup.ts";

export const legacy = (tree: { readonly version: number }) => tree.version === 1;
export const unified = (tree: { readonly version: number }) => tree.version === 2;

/** What is kept of the host's hierarchies. */
export const layouts = { "the whole host": () => true, "v1 alone": legacy, "v2 alone": unified } as const;

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
