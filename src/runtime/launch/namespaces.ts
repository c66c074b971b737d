/**
 * Namespaces: which are new, which are joined, and the id maps of a new user namespace
 * (runtime-spec, config-linux.md#namespaces; namespaces(7), user_namespaces(7)).
 */

import { AT_FDCWD, O_CLOEXEC, O_RDONLY, O_WRONLY } from "../../kernel/abi/files.ts";
import * as P from "../../kernel/abi/process.ts";
import type { Slot } from "../../kernel/program/argument.ts";
import type { ProgramBuilder } from "../../kernel/program/builder.ts";
import type { RuntimeConfig } from "../../spec/runtime/config.ts";
import type { NamespaceType } from "../../spec/runtime/linux.ts";
import type { IdMapping } from "../../spec/runtime/mounts.ts";
import { type LaunchContext, newNamespace } from "./context.ts";

export const namespaceFlags: Readonly<Record<NamespaceType, bigint>> = {
  user: P.CLONE_NEWUSER,
  mount: P.CLONE_NEWNS,
  pid: P.CLONE_NEWPID,
  network: P.CLONE_NEWNET,
  ipc: P.CLONE_NEWIPC,
  uts: P.CLONE_NEWUTS,
  cgroup: P.CLONE_NEWCGROUP,
  time: P.CLONE_NEWTIME,
};

/**
 * What clone3 makes. The cgroup namespace is made later, from inside the container's cgroup, as its root is the
 * cgroup of whoever makes it; the time namespace earlier, as its clocks are set before the first process enters.
 */
export function cloneFlags(config: RuntimeConfig): bigint {
  let flags = 0n;
  for (const { type, path } of config.linux?.namespaces ?? [])
    if (path === undefined && type !== "cgroup" && type !== "time") flags |= namespaceFlags[type];
  return flags;
}

/** Before the clone: pid and time namespaces are entered by children only, so whoever clones names them. */
export function enterForChildren(c: LaunchContext, p: ProgramBuilder): void {
  joinTypes(c, p, ["pid", "time"], c.slots.slot("namespace"));
  unshareTime(c, p);
}

/** The clocks' offsets are written before anything lives in the namespace (time_namespaces(7)). */
export function unshareTime(c: LaunchContext, p: ProgramBuilder): void {
  if (!newNamespace(c.config, "time")) return;
  const offsets = Object.entries(c.config.linux?.timeOffsets ?? {});
  p.call("make a time namespace for the container", "unshare", [P.CLONE_NEWTIME], {
    from: "linux.namespaces",
  });
  if (offsets.length === 0) return;
  const file = c.scratch[0];
  const text = offsets.map(([clock, o]) => `${clock} ${o.secs} ${o.nanosecs}\n`).join("");
  const from = "linux.timeOffsets";
  p.call(
    "open the clock offsets",
    "openat",
    [AT_FDCWD, "/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC, 0],
    { slot: file, from },
  );
  p.call("set the clock offsets", "write", [file, Buffer.from(text), text.length], { from });
  p.close(file);
}

/** The namespaces of these types that have a path. */
export function joinTypes(
  c: LaunchContext,
  p: ProgramBuilder,
  types: readonly NamespaceType[],
  by: Slot = c.scratch[0],
): void {
  c.config.linux?.namespaces?.forEach(({ type, path }, i) => {
    if (path !== undefined && types.includes(type)) join(p, by, type, path, `linux.namespaces[${i}]`);
  });
}

function join(p: ProgramBuilder, into: Slot, type: NamespaceType, path: string, from: string): void {
  p.call(`open the ${type} namespace ${path}`, "openat", [AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0], {
    slot: into,
    from,
  });
  p.call(`join the ${type} namespace ${path}`, "setns", [into, namespaceFlags[type]], { from });
  p.close(into);
}

/** In the parent: the maps of the child's new user namespace, through its /proc directory. */
export function writeIdMaps(p: ProgramBuilder, proc: Slot, scratch: Slot, maps: IdMaps): void {
  for (const [file, mappings] of [
    ["uid_map", maps.uid],
    ["gid_map", maps.gid],
  ] as const) {
    if (mappings.length === 0) continue;
    const text = mappings.map((m) => `${m.containerID} ${m.hostID} ${m.size}\n`).join("");
    const from = `linux.${file.slice(0, 3)}Mappings`;
    p.call(`open ${file} of the user namespace`, "openat", [proc, file, O_WRONLY | O_CLOEXEC, 0], {
      slot: scratch,
      from,
    });
    p.call(`write ${file} of the user namespace`, "write", [scratch, Buffer.from(text), text.length], {
      from,
    });
    p.close(scratch);
  }
}

export interface IdMaps {
  readonly uid: readonly IdMapping[];
  readonly gid: readonly IdMapping[];
}

/** In a process of a user namespace whose maps are written: root of it. */
export function becomeRoot(p: ProgramBuilder): void {
  const from = "linux.namespaces";
  p.call("drop the supplementary groups of the host", "setgroups", [0, 0], {
    from,
    on: { EPERM: "continue" },
  });
  p.call("become the user namespace's group 0", "setresgid", [0, 0, 0], { from });
  p.call("become the user namespace's user 0", "setresuid", [0, 0, 0], { from });
}
