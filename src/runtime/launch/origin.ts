/**
 * What a container mounts that is no path of the host's: an image, or a folder that somebody else may be changing, such as
 * a volume, from a path in it on. That path is resolved once, below an fd of the folder, and everything after works with
 * what it led to: a link in it that leads out is refused, not followed, also while it is exchanged (CVE-2021-30465).
 */

import * as F from "../../kernel/abi/files.ts";
import * as M from "../../kernel/abi/mount.ts";
import { openFlags } from "../../kernel/explain/flag-names.ts";
import type { Slot } from "../../kernel/program/argument.ts";
import { openHow } from "../../kernel/program/builder.ts";
import type { OverlayOpener } from "./overlay.ts";
import { openRoot, type RootSource } from "./rootfs.ts";

export interface MountOrigin {
  readonly root: RootSource;
  /** Relative, without `..`; a folder. Absent for the whole. */
  readonly subpath?: string;
  /** It has the host's owners, also where those of the root are mapped. */
  readonly unmapped?: boolean;
}

/**
 * Leaves a detached mount in the slot `tree`. The opener's mount namespace must be its own, and what it mounts must not
 * reach the host: an overlay is attached for a moment, as a part of one that is not cannot be cloned before Linux 6.15.
 */
export function openOrigin(
  c: Omit<OverlayOpener, "root">,
  { root, subpath }: MountOrigin,
  tree: Slot,
  from: string,
): void {
  const p = c.opener;
  const [folder, part] = c.scratch;
  if (subpath === undefined) {
    openRoot({ ...c, root: tree }, root);
    return;
  }
  const flags = F.O_PATH | F.O_DIRECTORY | F.O_CLOEXEC;
  if (root.kind === "directory")
    p.call(`open ${root.path}`, "openat", [F.AT_FDCWD, root.path, flags, 0], { slot: folder, from });
  else {
    openRoot({ ...c, root: tree }, root);
    const args = [tree, "", F.AT_FDCWD, root.base, M.MOVE_MOUNT_F_EMPTY_PATH];
    p.call("attach the image for a moment", "move_mount", args, { from });
  }
  const how = openHow({
    flags,
    resolve: F.RESOLVE_BENEATH | F.RESOLVE_NO_MAGICLINKS,
    text: () => `{flags=${openFlags(flags)}, resolve=RESOLVE_BENEATH|RESOLVE_NO_MAGICLINKS}`,
  });
  const top = root.kind === "directory" ? folder : tree;
  p.call(`open the folder ${subpath} in it`, "openat2", [top, subpath, how, 24], { slot: part, from });
  const clone = M.OPEN_TREE_CLONE | M.OPEN_TREE_CLOEXEC | F.AT_RECURSIVE | F.AT_EMPTY_PATH;
  p.call(`clone ${subpath}`, "open_tree", [part, "", clone], { slot: tree, from });
  if (root.kind === "directory") p.close(folder);
  else p.call("take the image off again", "umount2", [root.base, M.MNT_DETACH], { from });
  p.close(part);
}
