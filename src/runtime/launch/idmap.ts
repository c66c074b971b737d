/**
 * User namespaces that describe the id mappings of mounts (mount_setattr(2), MOUNT_ATTR_IDMAP): the container's own,
 * or one that exists only for this. Such a one a short-lived process makes; the fd outlives the process.
 */

import { BrigError } from "../../base/errors.ts";
import * as F from "../../kernel/abi/files.ts";
import { CLONE_NEWUSER, P_PIDFD, WEXITED } from "../../kernel/abi/process.ts";
import { output, type Slot } from "../../kernel/program/argument.ts";
import { ProgramBuilder } from "../../kernel/program/builder.ts";
import type { IdMapping, Mount } from "../../spec/runtime/mounts.ts";
import type { LaunchContext } from "./context.ts";
import { parseMountOptions } from "./mount-options.ts";
import { type IdMaps, writeIdMaps } from "./namespaces.ts";

/**
 * In the parent, before the clone: a user namespace for each mount whose owners are mapped. A child in a pid namespace
 * of its own would find other processes than its helpers in the host's /proc.
 */
export function makeMappings(c: LaunchContext): ReadonlyMap<Mount, Slot> {
  const made = new Map<Mount, Slot>();
  c.config.mounts?.forEach((mount, i) => {
    const options = parseMountOptions(mount.options ?? []);
    const own = mount.uidMappings !== undefined || mount.gidMappings !== undefined;
    if (!own && options.idmap === "no") return;
    const joined = own ? undefined : c.config.linux?.namespaces?.find(({ type }) => type === "user")?.path;
    const from = `mounts[${i}]`;
    made.set(
      mount,
      joined === undefined ? userNamespaceOf(c, idMapOf(c, mount), from) : openUsers(c, joined, from),
    );
  });
  return made;
}

/** The container's own user namespace, where it joins one. */
function openUsers(c: LaunchContext, path: string, from: string): Slot {
  const slot = c.slots.slot("user namespace of the mount");
  c.parent.call(
    `open the user namespace ${path}`,
    "openat",
    [F.AT_FDCWD, path, F.O_RDONLY | F.O_CLOEXEC, 0],
    {
      slot,
      from,
    },
  );
  return slot;
}

function idMapOf(c: LaunchContext, mount: Mount) {
  const uid: readonly IdMapping[] = mount.uidMappings ?? c.config.linux?.uidMappings ?? [];
  const gid: readonly IdMapping[] = mount.gidMappings ?? c.config.linux?.gidMappings ?? [];
  if (uid.length === 0 || gid.length === 0)
    throw new BrigError(
      "invalid",
      `cannot map the owners of ${mount.destination}: neither the mount nor linux has uidMappings and gidMappings`,
    );
  return { uid, gid };
}

function userNamespaceOf(c: LaunchContext, maps: IdMaps, from: string): Slot {
  const p = c.parent;
  const slot = c.slots.slot("user namespace of the mount");
  const [mine, theirs] = [c.slots.slot("end of the parent"), c.slots.slot("end of the helper")];
  const [pidfd, proc] = [c.slots.slot("helper"), c.slots.slot("/proc of the helper")];
  const helper = new ProgramBuilder();
  helper.close(mine);
  helper.call("wait until the mapping is written", "read", [theirs, output(1), 1], { from });
  p.socketPair("connect with the helper", { into: output(8), first: mine, second: theirs });
  p.clone("make a user namespace for the mapping", {
    flags: CLONE_NEWUSER,
    role: "id-mapping helper",
    child: helper.instructions,
    pidfd,
    proc,
    from,
  });
  p.close(theirs);
  writeIdMaps(p, proc, c.scratch[0], maps);
  p.call("open the user namespace", "openat", [proc, "ns/user", F.O_RDONLY | F.O_CLOEXEC, 0], { slot, from });
  p.close(mine);
  p.call("wait for the helper to end", "waitid", [P_PIDFD, pidfd, output(128), WEXITED, 0], { from });
  p.close(pidfd);
  p.close(proc);
  return slot;
}
