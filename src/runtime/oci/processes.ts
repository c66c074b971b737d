/** `ps`: the processes of a container, by its cgroup. */

import { cgroupPids } from "../../kernel/cgroup/live/pids.ts";
import { listProcesses } from "../../kernel/procfs/list-processes.ts";
import { requireCgroup } from "./cgroup.ts";
import type { OciContext } from "./context.ts";

/** Pids as the host has them. */
export function containerPids(context: OciContext, id: string): readonly number[] {
  return cgroupPids(requireCgroup(context.store.read(id), "list the processes of"));
}

/** What ps(1) prints with these options of the container's processes, header and all. */
export function psTable(context: OciContext, id: string, options: readonly string[]): string {
  return listProcesses(options.length === 0 ? ["-ef"] : options, containerPids(context, id));
}
