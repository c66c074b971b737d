/** The processes in a cgroup and in all that are below it, as pids of the reader's pid namespace. */

import { type Cgroup, directoryOf, hostPath } from "../cgroup.ts";
import { childCgroups, readCgroupFile } from "./files.ts";

export function cgroupPids(cgroup: Cgroup): readonly number[] {
  const directory = memberDirectory(cgroup);
  return directory === undefined ? [] : [...new Set(pidsBelow(directory))].sort((a, b) => a - b);
}

/** The hierarchy to ask: all have the same processes, but only one shows them all where a container splits itself up. */
export function memberDirectory(cgroup: Cgroup): string | undefined {
  const directory = directoryOf(cgroup, "freezer") ?? directoryOf(cgroup, "devices") ?? cgroup.directories[0];
  return directory && hostPath(directory);
}

export function pidsBelow(directory: string): readonly number[] {
  return cgroupsBelow(directory).flatMap(pidsIn);
}

/** The directory and all below it, children before their parents. */
export function cgroupsBelow(directory: string): readonly string[] {
  return [...childCgroups(directory).flatMap((name) => cgroupsBelow(`${directory}/${name}`)), directory];
}

/** 0 stands for a process of a pid namespace that the reader cannot see. */
function pidsIn(directory: string): readonly number[] {
  const text = readCgroupFile(directory, "cgroup.procs") ?? readCgroupFile(directory, "cgroup.threads") ?? "";
  return text
    .split("\n")
    .map(Number)
    .filter((pid) => pid > 0);
}
