/**
 * The way of an executor to a container's files: into a mount namespace of its own in which there is nothing but the
 * container's root and what is mounted there. It keeps the privileges to make and read any file, and no other.
 *
 * Nothing of the container is executed, loaded or opened as a device there, so that it cannot speak to the executor
 * (CVE-2019-14271): every mount is set nodev, noexec and nosuid.
 */

import type { HostPath } from "../base/ids.ts";
import * as F from "../kernel/abi/files.ts";
import * as M from "../kernel/abi/mount.ts";
import * as P from "../kernel/abi/process.ts";
import {
  type CapabilityName,
  capabilityData,
  capabilityHeader,
  capabilityMask,
} from "../kernel/capabilities.ts";
import { type Slot, struct, u64 } from "../kernel/program/argument.ts";
import { ProgramBuilder, type SlotAllocator } from "../kernel/program/builder.ts";
import type { Instruction } from "../kernel/program/instruction.ts";
import { userNamespaceOf } from "../runtime/launch/idmap.ts";
import { becomeRoot as becomeUser0 } from "../runtime/launch/namespaces.ts";
import { type MountOrigin, openOrigin } from "../runtime/launch/origin.ts";
import { openRoot, type RootSource, setAttributes } from "../runtime/launch/rootfs.ts";
import { attach, openTarget } from "../runtime/launch/target.ts";
import type { IdRange } from "./ids/range.ts";

export interface EnterSlots {
  /** The container's root. */
  readonly root: Slot;
  readonly scratch: readonly [Slot, Slot];
  /** For mounts with an origin. */
  readonly tree?: Slot;
  /** A folder of the host, which stays open. */
  readonly outside?: { readonly path: HostPath; readonly slot: Slot };
}

/** A mount of the container's that its files are seen through. */
export interface FileMount {
  readonly source: string | MountOrigin;
  readonly target: string;
  readonly kind: "directory" | "file";
  readonly recursive: boolean;
  readonly readOnly: boolean;
  /** The host's owners, of whom a user namespace maps these to the container's. */
  readonly ids?: IdRange;
}

/**
 * A copy of the mount namespace of a running container; `process` is the slot of a pidfd of its first process. Where it
 * has a user namespace the executor becomes root of that: it sees owners as the container does, and has no rights beside.
 */
export function enterRunning(
  process: Slot,
  slots: EnterSlots,
  { view, users }: { readonly view: "with mounts" | "root alone"; readonly users: boolean },
): readonly Instruction[] {
  const p = new ProgramBuilder();
  begin(p, slots);
  if (users) {
    p.call("join the container's namespaces", "setns", [process, P.CLONE_NEWUSER | P.CLONE_NEWNS]);
    becomeUser0(p);
    dieWithCaller(p);
  } else p.call("join the container's mount namespace", "setns", [process, P.CLONE_NEWNS]);
  p.close(process);
  ownNamespace(p);
  if (view === "root alone") {
    const how = M.OPEN_TREE_CLONE | M.OPEN_TREE_CLOEXEC;
    p.call("clone the container's root without what is mounted there", "open_tree", [F.AT_FDCWD, "/", how], {
      slot: slots.root,
    });
    becomeRoot(p, slots.root);
  } else
    for (const path of kernelTrees)
      p.call(`leave out ${path}`, "umount2", [path, M.MNT_DETACH | M.UMOUNT_NOFOLLOW], {
        on: { EINVAL: "continue", ENOENT: "continue" },
      });
  confine(p, slots.root);
  return p.instructions;
}

/** The root of a container that does not run, with its binds and volumes. */
export function enterStopped(
  source: RootSource,
  kernel: readonly [number, number],
  slots: EnterSlots & { readonly more?: SlotAllocator },
  view: {
    readonly mounts: readonly FileMount[];
    readonly readOnly: boolean;
    /** Also the attributes that overlayfs keeps its books in. */
    readonly overlay?: boolean;
  },
): readonly Instruction[] {
  const p = new ProgramBuilder();
  begin(p, slots);
  const owners = ownersOf(p, slots, view.mounts);
  ownNamespace(p);
  openRoot({ opener: p, root: slots.root, scratch: slots.scratch, kernel }, source);
  p.call("attach the container's root", "move_mount", [
    slots.root,
    "",
    F.AT_FDCWD,
    "/",
    M.MOVE_MOUNT_F_EMPTY_PATH,
  ]);
  for (const mount of view.mounts) addMount(p, slots, kernel, mount, owners);
  if (view.readOnly)
    setAttributes(p, slots.root, { set: M.MOUNT_ATTR_RDONLY }, "make the root file system read-only");
  pivot(p, slots.root);
  confine(p, slots.root, view.overlay ? ["CAP_SYS_ADMIN"] : []);
  return p.instructions;
}

/** What the kernel mounts show is not files; Docker does not copy them either. */
const kernelTrees = ["/proc", "/sys", "/dev"] as const;

/** What making and reading files of any owner, mode and kind takes. */
const needed: readonly CapabilityName[] = [
  "CAP_CHOWN",
  "CAP_DAC_OVERRIDE",
  "CAP_DAC_READ_SEARCH",
  "CAP_FOWNER",
  "CAP_FSETID",
  "CAP_MKNOD",
  "CAP_SETFCAP",
];

/** Nothing of a container, but a folder of the host. */
export function enterHost(
  outside: NonNullable<EnterSlots["outside"]>,
  { privileged = true }: { readonly privileged?: boolean } = {},
): readonly Instruction[] {
  const p = new ProgramBuilder();
  begin(p, { outside });
  if (privileged) renounce(p);
  else keepModes(p);
  return p.instructions;
}

/** The lock of whoever copies is void with its death; the overlay must not outlast it. */
function dieWithCaller(p: ProgramBuilder): void {
  p.call("die if the caller does", "prctl", [P.PR_SET_PDEATHSIG, 9, 0, 0, 0]);
}

function begin(p: ProgramBuilder, { outside }: Pick<EnterSlots, "outside">): void {
  dieWithCaller(p);
  if (!outside) return;
  const flags = F.O_RDONLY | F.O_DIRECTORY | F.O_CLOEXEC;
  p.call(`open ${outside.path}`, "openat", [F.AT_FDCWD, outside.path, flags, 0], { slot: outside.slot });
}

function ownNamespace(p: ProgramBuilder): void {
  p.call("get a mount namespace", "unshare", [P.CLONE_NEWNS]);
  p.call("keep its mounts to itself", "mount", ["none", "/", 0, M.MS_REC | M.MS_PRIVATE, 0]);
}

/** A user namespace that has the host's owners as the container sees them, where some mount shows those. */
function ownersOf(
  parent: ProgramBuilder,
  { scratch, more }: EnterSlots & { readonly more?: SlotAllocator },
  mounts: readonly FileMount[],
): Slot | undefined {
  const ids = mounts.find((mount) => mount.ids)?.ids;
  if (!ids || !more) return undefined;
  // The two change places: what the mount had no owner for could not be written to, whoever may.
  const seen = [
    { containerID: ids.first, hostID: 0, size: ids.size },
    { containerID: 0, hostID: ids.first, size: ids.size },
  ];
  return userNamespaceOf({ parent, slots: more, scratch }, { uid: seen, gid: seen }, "mounts");
}

function addMount(
  p: ProgramBuilder,
  { root, scratch, tree: other }: EnterSlots,
  kernel: readonly [number, number],
  mount: FileMount,
  owners: Slot | undefined,
): void {
  const [first, at] = scratch;
  const how = M.OPEN_TREE_CLONE | M.OPEN_TREE_CLOEXEC | (mount.recursive ? F.AT_RECURSIVE : 0);
  const { source, target: path, kind, readOnly, recursive } = mount;
  const parent: Slot = at;
  const tree = typeof source === "string" ? first : other!;
  if (typeof source === "string")
    p.call(`open ${source}`, "open_tree", [F.AT_FDCWD, source, how], { slot: tree });
  else openOrigin({ opener: p, scratch, kernel }, source, tree, "mounts");
  // What cannot be mapped has the owners that the host sees.
  if (mount.ids && owners)
    setAttributes(p, tree, { set: M.MOUNT_ATTR_IDMAP, userNamespace: owners }, `map the owners of ${path}`, {
      on: { EINVAL: "continue" },
    });
  if (readOnly) setAttributes(p, tree, { set: M.MOUNT_ATTR_RDONLY, recursive }, `make ${path} read-only`);
  openTarget(p, { root, path, into: at, kind, scratch: parent, from: "mounts" });
  attach(p, tree, at, `attach ${path}`);
  p.close(tree);
  p.close(at);
}

function becomeRoot(p: ProgramBuilder, root: Slot): void {
  p.call("attach it", "move_mount", [root, "", F.AT_FDCWD, "/", M.MOVE_MOUNT_F_EMPTY_PATH]);
  pivot(p, root);
}

function pivot(p: ProgramBuilder, root: Slot): void {
  p.call("change to the container's root", "fchdir", [root]);
  p.call("make it the root", "pivot_root", [".", "."]);
  p.call("detach all others", "umount2", [".", M.MNT_DETACH]);
}

function confine(p: ProgramBuilder, root: Slot, more: readonly CapabilityName[] = []): void {
  p.call("change to the root directory", "chdir", ["/"]);
  const set = M.MOUNT_ATTR_NOSUID | M.MOUNT_ATTR_NODEV | M.MOUNT_ATTR_NOEXEC;
  p.call(
    "let nothing there be run or opened as a device",
    "mount_setattr",
    [F.AT_FDCWD, "/", F.AT_RECURSIVE, struct("{attr_set=...}", u64(set, 0, 0, 0)), 32],
    { on: { ENOSYS: "continue" } },
  );
  const flags = F.O_RDONLY | F.O_DIRECTORY | F.O_NOFOLLOW | F.O_CLOEXEC;
  p.call("open the root directory", "openat", [F.AT_FDCWD, "/", flags, 0], { slot: root });
  renounce(p, more);
}

function renounce(p: ProgramBuilder, more: readonly CapabilityName[] = []): void {
  keepModes(p);
  const mask = capabilityMask([...needed, ...more]);
  const data = capabilityData({ effective: mask, permitted: mask, inheritable: 0n });
  p.call("renounce new privileges", "prctl", [P.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0]);
  p.call("drop privileges", "capset", [capabilityHeader(), data]);
}

/** All that a caller without privileges has to set. */
function keepModes(p: ProgramBuilder): void {
  p.call("take modes as they are given", "umask", [0]);
}
