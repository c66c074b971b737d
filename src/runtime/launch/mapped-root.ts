/**
 * A root for a container with a user namespace of its own, without a chown: the layers of the overlay are mapped
 * (mount_setattr(2), MOUNT_ATTR_IDMAP; overlays on such layers since Linux 5.19), the writable one with them. So what is
 * on the disk has the container's ids, whichever the host's are that it runs with, and next time may be others.
 *
 * overlayfs takes a layer by its path, and only one that is attached in the mount namespace of whoever mounts it (up to
 * Linux 6.14). So a short-lived process does it in a mount namespace of its own, where each folder that layers are in is
 * covered by a mapped mount of itself; the parent takes the overlay by its fd.
 *
 * What overlayfs does by itself, such as copying a file up, it does as whoever mounted it. The host's root has no id in
 * the writable layer: there all would fail (EOVERFLOW). So the process is the container's root by its ids, and keeps the
 * capabilities of the host's.
 */

import { dirname, join } from "node:path";
import { BrigError } from "../../base/errors.ts";
import * as F from "../../kernel/abi/files.ts";
import * as M from "../../kernel/abi/mount.ts";
import * as P from "../../kernel/abi/process.ts";
import { output, type Slot } from "../../kernel/program/argument.ts";
import { ProgramBuilder } from "../../kernel/program/builder.ts";
import type { IdMapping } from "../../spec/runtime/mounts.ts";
import type { LaunchContext } from "./context.ts";
import { openOrigins } from "./mounts.ts";
import type { LaunchOptions } from "./options.ts";
import { keepMountsIn, openRoot, type RootSource, setAttributes } from "./rootfs.ts";

/** Leaves detached mounts of root and origins in their slots. `linux` has the mappings, also of a namespace that is joined. */
export function openMapped(
  c: LaunchContext,
  { root, origins = new Map() }: Pick<LaunchOptions, "root" | "origins">,
  mounts: Parameters<typeof openOrigins>[1],
  userNamespace: Slot,
): void {
  const p = c.parent;
  const from = "root.path";
  const [mine, theirs] = [c.slots.slot("end of the parent"), c.slots.slot("end of the mounter")];
  const pidfd = c.slots.slot("mounter of the root");
  const mounter = new ProgramBuilder();
  mounter.close(mine);
  keepMountsIn(mounter);
  const sources = [...origins.values()].filter(({ unmapped }) => !unmapped).map((origin) => origin.root);
  for (const folder of new Set([root, ...sources].flatMap(foldersOf)))
    coverMapped(mounter, { folder, tree: c.scratch[0], userNamespace, from });
  becomeMounter(mounter, c);
  openOrigins({ ...c, opener: mounter }, mounts, origins);
  openRoot({ opener: mounter, root: c.root, scratch: c.scratch, kernel: c.kernel }, root);
  mounter.call("say that the root is there", "write", [theirs, Buffer.from("r"), 1]);
  mounter.call("wait until the parent has it", "read", [theirs, output(1), 1]);

  p.socketPair("connect with the mounter of the root", { into: output(8), first: mine, second: theirs });
  p.clone("start a process that mounts the root on mapped layers", {
    flags: P.CLONE_NEWNS,
    role: "mounter of the root",
    child: mounter.instructions,
    pidfd,
    from,
  });
  p.close(theirs);
  p.call("wait for the root", "read", [mine, output(1), 1], { expect: 1 });
  const trees = mounts.flatMap(({ mount, tree }) => (origins.has(mount.destination) && tree ? [tree] : []));
  for (const slot of [...trees, c.root])
    p.call(`take the ${slot.name}`, "pidfd_getfd", [pidfd, slot.fd, 0], { slot, from });
  p.close(mine);
  p.call("wait for the mounter to end", "waitid", [P.P_PIDFD, pidfd, output(128), P.WEXITED, 0]);
  p.close(pidfd);
}

/** Those that the layers are in; upper and work must be on one mount, and so are in one folder. */
function foldersOf(source: RootSource): readonly string[] {
  if (source.kind === "directory") return [source.path];
  const { base, lower, written } = source;
  return [...lower, ...(written ? [written.upper] : [])].map((layer) => join(base, dirname(layer)));
}

function coverMapped(
  p: ProgramBuilder,
  cover: {
    readonly folder: string;
    readonly tree: Slot;
    readonly userNamespace: Slot;
    readonly from: string;
  },
): void {
  const { folder, tree, userNamespace, from } = cover;
  p.call(
    `clone the mount at ${folder}`,
    "open_tree",
    [F.AT_FDCWD, folder, M.OPEN_TREE_CLONE | M.OPEN_TREE_CLOEXEC],
    { slot: tree, from },
  );
  setAttributes(p, tree, { set: M.MOUNT_ATTR_IDMAP, userNamespace }, `map the owners of ${folder}`, from);
  p.call(`cover ${folder} with it`, "move_mount", [tree, "", F.AT_FDCWD, folder, M.MOVE_MOUNT_F_EMPTY_PATH], {
    from,
  });
  p.close(tree);
}

function becomeMounter(p: ProgramBuilder, { config }: LaunchContext): void {
  const [uid, gid] = [rootIn(config.linux?.uidMappings), rootIn(config.linux?.gidMappings)];
  const from = "linux.uidMappings";
  const same = 0xffff_ffff;
  p.call(
    "keep the capabilities over the change of user",
    "prctl",
    [P.PR_SET_SECUREBITS, P.SECBIT_NO_SETUID_FIXUP, 0, 0, 0],
    { from },
  );
  p.call("make files as the container's group 0", "setresgid", [same, gid, same], { from });
  p.call("make files as the container's root", "setresuid", [same, uid, same], { from });
}

function rootIn(mappings: readonly IdMapping[] = []): number {
  const found = mappings.find(({ containerID }) => containerID === 0);
  if (found) return found.hostID;
  throw new BrigError("invalid", "cannot mount the root: linux.uidMappings and gidMappings have no id 0");
}
