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

/** The user namespaces of what is mapped. */
export interface Mappings {
  readonly mounts: ReadonlyMap<Mount, Slot>;
  /** Of the layers of the root. */
  readonly root?: Slot;
}

/**
 * In the parent, before the clone: a user namespace for each mapping of owners, of the root's layers and of mounts. A
 * child in a pid namespace of its own would find other processes than its helpers in the host's /proc.
 */
export function makeMappings(c: LaunchContext, mapsRoot: boolean): Mappings {
  const made = new Map<string, Slot>();
  const mappingOf = (mount: Mount, from: string): Slot => {
    const own = mount.uidMappings !== undefined || mount.gidMappings !== undefined;
    const joined = own ? undefined : c.config.linux?.namespaces?.find(({ type }) => type === "user")?.path;
    const maps = joined === undefined ? idMapOf(c, mount) : joined;
    const known = made.get(JSON.stringify(maps));
    if (known) return known;
    const slot = typeof maps === "string" ? openUsers(c, maps, from) : userNamespaceOf(c, maps, from);
    made.set(JSON.stringify(maps), slot);
    return slot;
  };
  const ofRoot = mapsRoot ? mappingOf({ destination: "/" }, "linux.uidMappings") : undefined;
  const mounts = new Map<Mount, Slot>();
  c.config.mounts?.forEach((mount, i) => {
    const own = mount.uidMappings !== undefined || mount.gidMappings !== undefined;
    if (own || parseMountOptions(mount.options ?? []).idmap !== "no")
      mounts.set(mount, mappingOf(mount, `mounts[${i}]`));
  });
  return { mounts, ...(ofRoot ? { root: ofRoot } : {}) };
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

/** Made by the process that `parent` is the program of, in the host's pid namespace. */
export function userNamespaceOf(
  c: Pick<LaunchContext, "parent" | "slots" | "scratch">,
  maps: IdMaps,
  from: string,
): Slot {
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
