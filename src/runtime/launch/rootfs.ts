/**
 * The container's root: a bind of a directory or an overlay of an image's layers, attached in the container's
 * mount namespace, then made its root by pivot_root(2) (runtime-spec, config.md#root).
 */

import type { HostPath } from "../../base/ids.ts";
import * as F from "../../kernel/abi/files.ts";
import * as M from "../../kernel/abi/mount.ts";
import { mountAttributes, mountFlags } from "../../kernel/explain/flag-names.ts";
import { type Slot, struct, u64 } from "../../kernel/program/argument.ts";
import type { ProgramBuilder } from "../../kernel/program/builder.ts";
import type { Call } from "../../kernel/program/instruction.ts";
import type { LaunchContext } from "./context.ts";
import { type OverlayOpener, type OverlaySource, openOverlay } from "./overlay.ts";

export type RootSource = { readonly kind: "directory"; readonly path: HostPath } | OverlaySource;

/** What opening a root takes: also of a container that is not launched, for its files alone. */
export type RootOpener = OverlayOpener;

/** Leaves a detached mount of the root in its slot. */
export function openRoot(c: RootOpener, source: RootSource): void {
  if (source.kind === "directory") {
    c.opener.call(
      "open the root file system",
      "open_tree",
      [F.AT_FDCWD, source.path, M.OPEN_TREE_CLONE | M.OPEN_TREE_CLOEXEC | F.AT_RECURSIVE],
      { slot: c.root, from: "root.path" },
    );
    return;
  }
  openOverlay(c, source);
}

/** What the child mounts from here on stays in its mount namespace; what the host mounts still comes in. */
export function keepMountsIn(p: ProgramBuilder): void {
  p.call("keep mounts from reaching the host", "mount", [0, "/", 0, M.MS_SLAVE | M.MS_REC, 0], {
    from: "linux.rootfsPropagation",
  });
}

/** Attaches the root: over "/", or at its host path where hooks expect to find it. */
export function attachRoot(c: LaunchContext, at: string): void {
  c.child.call(
    `attach the container's root at ${at}`,
    "move_mount",
    [c.root, "", F.AT_FDCWD, at, M.MOVE_MOUNT_F_EMPTY_PATH],
    { from: "root.path" },
  );
}

/** Makes the root "/"; the host's mounts are gone from the namespace afterwards. */
export function pivot(c: LaunchContext, usePivot: boolean): void {
  const p = c.child;
  const from = "root.path";
  p.call("change to the container's root", "fchdir", [c.root], { from });
  if (usePivot) {
    p.call("make it the root of the mount namespace", "pivot_root", [".", "."], { from });
    p.call("detach the host's mounts", "umount2", [".", M.MNT_DETACH], { from });
  } else {
    p.call("move it over the host's root", "mount", [".", "/", 0, M.MS_MOVE, 0], { from });
    p.call("confine paths to it", "chroot", ["."], { from });
  }
  p.call("change to the root directory", "chdir", ["/"], { from });
}

/** Read-only, and with the propagation asked for; done when everything is attached. */
export function finishRoot(c: LaunchContext): void {
  const { root, linux } = c.config;
  if (root?.readonly)
    setAttributes(
      c.child,
      c.root,
      { set: M.MOUNT_ATTR_RDONLY },
      "make the root file system read-only",
      "root.readonly",
    );
  const word = linux?.rootfsPropagation;
  // Private below a slave parent is what pivot_root left; only the wider kinds are a change.
  if (word === undefined || word === "private" || word === "rprivate") return;
  const recursive = word.startsWith("r");
  const flag = propagationFlags[recursive ? word.slice(1) : word]!;
  c.child.call(`make the root ${word}`, "mount", [0, "/", 0, flag | (recursive ? M.MS_REC : 0), 0], {
    from: "linux.rootfsPropagation",
  });
}

export const propagationFlags: Readonly<Record<string, number>> = {
  shared: M.MS_SHARED,
  slave: M.MS_SLAVE,
  private: M.MS_PRIVATE,
  unbindable: M.MS_UNBINDABLE,
};

/** mount_setattr(2) on a mount held by an fd. */
export function setAttributes(
  p: ProgramBuilder,
  mount: Slot,
  change: {
    readonly set?: number;
    readonly clear?: number;
    readonly propagation?: number;
    readonly recursive?: boolean;
    readonly userNamespace?: Slot;
  },
  why: string,
  options: string | Pick<Call, "from" | "on"> = {},
): void {
  const { set = 0, clear = 0, propagation = 0, recursive = false, userNamespace } = change;
  const text = () => {
    const shown = [
      set !== 0 && `attr_set=${mountAttributes(set)}`,
      clear !== 0 && `attr_clr=${mountAttributes(clear)}`,
      propagation !== 0 && `propagation=${mountFlags(propagation)}`,
      userNamespace && `userns_fd=${userNamespace.fd}`,
    ];
    return `{${shown.filter(Boolean).join(", ")}}`;
  };
  const attributes = struct(text, u64(set, clear, propagation, userNamespace?.fd ?? 0));
  p.call(
    why,
    "mount_setattr",
    [mount, "", F.AT_EMPTY_PATH | (recursive ? F.AT_RECURSIVE : 0), attributes, 32],
    typeof options === "string" ? { from: options } : options,
  );
}
