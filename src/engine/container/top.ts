/** `top`: what the host's ps(1) tells of the processes in a container's cgroup, as a table. */

import { cgroupPids } from "../../kernel/cgroup/live/pids.ts";
import { listProcesses } from "../../kernel/procfs/list-processes.ts";
import { type ContainerRecord, runningCgroup } from "./records.ts";

/** Processes as ps(1) shows them, a row each. */
export interface ProcessTable {
  readonly titles: readonly string[];
  readonly processes: readonly (readonly string[])[];
}

const usual: readonly string[] = ["-ef"];

/** `options` as ps takes them; none are `-ef`. Pids are the host's. */
export function processTable(record: ContainerRecord, options: readonly string[]): ProcessTable {
  const text = listProcesses(options.length > 0 ? options : usual, cgroupPids(runningCgroup(record)));
  const [header = "", ...lines] = text.trimEnd().split("\n");
  const titles = header.trim().split(/\s+/);
  return { titles, processes: lines.map((line) => cells(line, titles.length)) };
}

/** The last column is a command line, blanks and all. */
function cells(line: string, columns: number): readonly string[] {
  const words = line.trim().split(/\s+/);
  return [...words.slice(0, columns - 1), words.slice(columns - 1).join(" ")];
}
