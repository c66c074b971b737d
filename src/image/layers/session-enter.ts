/**
 * Locks an executor up in one folder: a mount namespace whose root is that folder and which holds nothing else of the
 * host, without the privileges that unpacking does not need (pivot_root(2), capabilities(7)).
 */

import type { HostPath } from "../../base/ids.ts";
import * as F from "../../kernel/abi/files.ts";
import * as M from "../../kernel/abi/mount.ts";
import * as P from "../../kernel/abi/process.ts";
import {
  type CapabilityName,
  capabilityData,
  capabilityHeader,
  capabilityMask,
} from "../../kernel/capabilities.ts";
import type { Executor } from "../../kernel/executor/executor.ts";
import { type Slot, struct, u64 } from "../../kernel/program/argument.ts";
import { ProgramBuilder } from "../../kernel/program/builder.ts";

/** What making files of any owner, mode and kind takes; SYS_ADMIN is for `trusted.` attributes alone. */
const needed: readonly CapabilityName[] = [
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_FOWNER",
  "CAP_FSETID",
  "CAP_MKNOD",
  "CAP_SETFCAP",
  "CAP_SYS_ADMIN",
];

/** The folder is a mount of its own: without what is mounted beneath it, and where nothing can be opened or run. */
const mountAttributes =
  M.MOUNT_ATTR_NOSUID | M.MOUNT_ATTR_NODEV | M.MOUNT_ATTR_NOEXEC | M.MOUNT_ATTR_NOSYMFOLLOW;

/** `root` becomes the folder, opened so that its own owner and attributes can be set. */
export async function enter(executor: Executor, directory: HostPath, root: Slot): Promise<void> {
  const p = new ProgramBuilder();
  p.call("get a mount namespace", "unshare", [P.CLONE_NEWNS]);
  p.call("keep its mounts to itself", "mount", ["none", "/", 0, M.MS_REC | M.MS_PRIVATE, 0]);
  const how = M.OPEN_TREE_CLONE | M.OPEN_TREE_CLOEXEC | F.AT_SYMLINK_NOFOLLOW;
  p.call(`open ${directory}`, "open_tree", [F.AT_FDCWD, directory, how], { slot: root });
  p.call(
    "let nothing there be run, opened as a device or followed as a link",
    "mount_setattr",
    [root, "", F.AT_EMPTY_PATH, struct("{attr_set=...}", u64(mountAttributes, 0, 0, 0)), 32],
    // Kernels before 5.12 do not have the call, those before 5.14 not every attribute: a second lock all the same.
    { on: { EINVAL: "continue", ENOSYS: "continue" } },
  );
  p.call(`attach it at ${directory}`, "move_mount", [
    root,
    "",
    F.AT_FDCWD,
    directory,
    M.MOVE_MOUNT_F_EMPTY_PATH,
  ]);
  p.call("change to it", "fchdir", [root]);
  p.call("make it the root", "pivot_root", [".", "."]);
  p.call("detach the host's mounts", "umount2", [".", M.MNT_DETACH]);
  p.call("change to the root directory", "chdir", ["/"]);
  const flags = F.O_RDONLY | F.O_DIRECTORY | F.O_NOFOLLOW | F.O_CLOEXEC;
  p.call("open the root directory", "openat", [F.AT_FDCWD, "/", flags, 0], { slot: root });
  p.call("take modes as they are given", "umask", [0]);
  dropPrivileges(p, needed);
  await executor.run(p.instructions);
}

/** Keeps these capabilities for good; nothing is ever executed, and nothing could gain by it. */
export function dropPrivileges(p: ProgramBuilder, keep: readonly CapabilityName[]): void {
  const mask = capabilityMask(keep);
  const data = capabilityData({ effective: mask, permitted: mask, inheritable: 0n });
  p.call("renounce new privileges", "prctl", [P.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0]);
  p.call("drop privileges", "capset", [capabilityHeader(), data]);
}
