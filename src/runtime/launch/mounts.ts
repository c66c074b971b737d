/**
 * The mounts of a container (runtime-spec, config.md#mounts). Each becomes a detached mount, made or cloned and
 * set up before it is attached, so that nothing is ever visible half done; its target is an fd.
 */

import { isAbsolute, join } from "node:path";
import { BrigError } from "../../base/errors.ts";
import * as F from "../../kernel/abi/files.ts";
import * as M from "../../kernel/abi/mount.ts";
import type { CgroupMount } from "../../kernel/cgroup/mounts.ts";
import type { Slot } from "../../kernel/program/argument.ts";
import type { Mount } from "../../spec/runtime/mounts.ts";
import { mountCgroups } from "./cgroup-mounts.ts";
import { hasNamespace, type LaunchContext } from "./context.ts";
import { type CopyUps, fillTmpfs } from "./copy-up.ts";
import { type MountOptions, parseMountOptions } from "./mount-options.ts";
import { type MountOrigin, openOrigin } from "./origin.ts";
import { setAttributes } from "./rootfs.ts";
import { attach, openTarget } from "./target.ts";

/** What the compiler may ask of the host's files; it reads, and never changes anything. */
export interface HostFiles {
  /** Whether a bind's source is a directory; undefined when it does not exist. */
  isDirectory(path: string): boolean | undefined;
}

interface Prepared {
  readonly mount: Mount;
  readonly options: MountOptions;
  readonly from: string;
  readonly tree?: Slot;
  readonly kind: "directory" | "file";
}

/** Opens every host path that the mounts bind; done where the host's paths can be reached. */
export function openSources(
  c: LaunchContext,
  host: HostFiles,
  mappings: ReadonlyMap<Mount, Slot>,
  origins: ReadonlyMap<string, MountOrigin> = new Map(),
): readonly Prepared[] {
  return (c.config.mounts ?? []).map((mount, i) => {
    const options = parseMountOptions(mount.options ?? []);
    const from = `mounts[${i}]`;
    if (origins.has(mount.destination))
      return { mount, options, from, kind: "directory", tree: c.slots.slot(`tree of ${mount.destination}`) };
    if (options.remount || (options.bind === "no" && mount.type !== "bind"))
      return { mount, options, from, kind: "directory" };
    return { mount, options, from, ...openBind(c, host, mount, options, from, mappings.get(mount)) };
  });
}

/** Later than the others: some of it is mounted for a moment, which must not reach the host. */
export function openOrigins(
  c: LaunchContext,
  prepared: readonly Prepared[],
  origins: ReadonlyMap<string, MountOrigin>,
): void {
  for (const { mount, tree, from } of prepared) {
    const origin = origins.get(mount.destination);
    if (origin && tree) openOrigin(c, origin, tree, from);
  }
}

function openBind(
  c: LaunchContext,
  host: HostFiles,
  mount: Mount,
  options: MountOptions,
  from: string,
  userNamespace: Slot | undefined,
): { readonly tree: Slot; readonly kind: "directory" | "file" } {
  if (mount.source === undefined)
    throw new BrigError("invalid", `cannot mount ${mount.destination}: ${from} is a bind without a source`);
  const source = isAbsolute(mount.source) ? mount.source : join(c.bundle, mount.source);
  const directory = host.isDirectory(source);
  if (directory === undefined)
    throw new BrigError(
      "invalid",
      `cannot mount ${mount.destination}: the bind source ${source} does not exist`,
    );
  const tree = c.slots.slot(`tree of ${mount.destination}`);
  const p = c.opener;
  const recursive = options.bind !== "bind";
  p.call(
    `open ${source} to bind it at ${mount.destination}`,
    "open_tree",
    [F.AT_FDCWD, source, M.OPEN_TREE_CLONE | M.OPEN_TREE_CLOEXEC | (recursive ? F.AT_RECURSIVE : 0)],
    { slot: tree, from },
  );
  if (userNamespace)
    setAttributes(
      p,
      tree,
      { set: M.MOUNT_ATTR_IDMAP, recursive: options.idmap === "ridmap", userNamespace },
      `map the owners of ${mount.destination}`,
      `${from}.uidMappings`,
    );
  return { tree, kind: directory ? "directory" : "file" };
}

/**
 * These are mounted where the config says, through no link: masks and read-only paths look for them there, and a link
 * into a volume could lead elsewhere by then (CVE-2019-19921, CVE-2023-27561, CVE-2023-28642).
 */
const kernelTypes: ReadonlySet<string> = new Set(["proc", "sysfs"]);

/** In the child: makes the file systems, sets up the binds, and attaches all in the order of the config. */
export function attachMounts(
  c: LaunchContext,
  prepared: readonly Prepared[],
  cgroups: readonly CgroupMount[],
  copyUps?: CopyUps,
): void {
  const target = c.scratch[0];
  for (const item of prepared) {
    const { mount, options, from } = item;
    const { destination } = mount;
    openTarget(c.child, {
      root: c.root,
      path: destination,
      into: target,
      kind: item.kind,
      scratch: c.scratch[1],
      from,
      plain: kernelTypes.has(mount.type ?? ""),
    });
    if (options.remount) change(c, item, target);
    else if (mount.type === "cgroup") mountCgroups(c, item, cgroups, target);
    else {
      const tree = item.tree ?? makeFileSystem(c, item);
      if (options.copyUp && mount.type === "tmpfs") copyUp(c, item, { source: target, tmpfs: tree }, copyUps);
      setUp(c, item, tree);
      attach(c.child, tree, target, `mount ${destination}`, { from });
      c.child.close(tree);
    }
    c.child.close(target);
  }
}

/** Super blocks shared with the host or other containers: read-only is the mount's matter, not theirs. */
const sharedSuperBlocks: ReadonlySet<string> = new Set([
  "proc",
  "sysfs",
  "mqueue",
  "cgroup2",
  "securityfs",
  "bpf",
]);

/** Their labels are the policy's, by name or by path. */
const unlabelled: ReadonlySet<string> = new Set(["proc", "sysfs", "mqueue", "cgroup2"]);

function makeFileSystem(c: LaunchContext, item: Prepared): Slot {
  const { mount, options, from } = item;
  const p = c.child;
  const type = mount.type ?? "none";
  const tree = c.slots.slot(`${type} for ${mount.destination}`);
  const context = c.scratch[1];
  // In a user namespace whose network is another's a sysfs cannot be made (sysfs(5)): at the first call, or when created.
  const refused =
    type === "sysfs" && hasNamespace(c.config, "user")
      ? { made: p.label("bind /sys instead"), created: p.label("give up the sysfs") }
      : undefined;
  p.call(`make a ${type} file system`, "fsopen", [type, M.FSOPEN_CLOEXEC], {
    slot: context,
    from,
    ...(refused ? { on: { EPERM: refused.made } } : {}),
  });
  const set = (command: number, key: string, value: string | 0) =>
    p.call(
      `set ${value === 0 ? key : `${key}=${value}`} of ${mount.destination}`,
      "fsconfig",
      [context, command, key, value, 0],
      { from },
    );
  if (mount.source !== undefined && mount.source !== "") set(M.FSCONFIG_SET_STRING, "source", mount.source);
  for (const word of options.data) {
    const at = word.indexOf("=");
    if (at < 0) set(M.FSCONFIG_SET_FLAG, word, 0);
    else set(M.FSCONFIG_SET_STRING, word.slice(0, at), word.slice(at + 1));
  }
  const label = c.config.linux?.mountLabel;
  if (label !== undefined && !unlabelled.has(type)) set(M.FSCONFIG_SET_STRING, "context", label);
  // One that is filled is made read-only when it is.
  const attributes = options.copyUp ? options.set & ~M.MOUNT_ATTR_RDONLY : options.set;
  if (attributes & M.MOUNT_ATTR_RDONLY && !sharedSuperBlocks.has(type)) set(M.FSCONFIG_SET_FLAG, "ro", 0);
  p.call(
    `create the ${type} of ${mount.destination}`,
    "fsconfig",
    [context, M.FSCONFIG_CMD_CREATE, 0, 0, 0],
    {
      from,
      ...(refused ? { on: { EPERM: refused.created } } : {}),
    },
  );
  p.call(`mount a ${type} for ${mount.destination}`, "fsmount", [context, M.FSMOUNT_CLOEXEC, attributes], {
    slot: tree,
    from,
  });
  p.close(context);
  if (refused) {
    const done = p.label("sysfs is there");
    p.jump("sysfs is there", done);
    p.place(refused.created);
    p.close(context);
    p.place(refused.made);
    p.call(
      "bind the host's /sys",
      "open_tree",
      [F.AT_FDCWD, "/sys", M.OPEN_TREE_CLONE | M.OPEN_TREE_CLOEXEC | F.AT_RECURSIVE],
      { slot: tree, from },
    );
    setAttributes(
      p,
      tree,
      { set: options.set, recursive: true },
      `set the options of ${mount.destination}`,
      from,
    );
    p.place(done);
  }
  return tree;
}

function copyUp(
  c: LaunchContext,
  { mount, options, from }: Prepared,
  slots: { readonly source: Slot; readonly tmpfs: Slot },
  copyUps: CopyUps | undefined,
): void {
  const files = copyUps?.get(mount);
  if (!files)
    throw new BrigError(
      "unsupported",
      `cannot fill the tmpfs at ${mount.destination} with the image's files: only brig oci does; leave tmpcopyup out`,
    );
  fillTmpfs(c, { ...slots, mount, from }, files);
  if (options.set & M.MOUNT_ATTR_RDONLY)
    setAttributes(
      c.child,
      slots.tmpfs,
      { set: M.MOUNT_ATTR_RDONLY },
      `make ${mount.destination} read-only`,
      from,
    );
}

/** `remount`: what is mounted at the target gets the attributes and propagation. */
function change(c: LaunchContext, item: Prepared, target: Slot): void {
  setUp(c, { ...item, tree: target }, target);
}

/** Attributes and propagation of a mount that is not attached yet. */
function setUp(c: LaunchContext, item: Prepared, tree: Slot): void {
  const { options, from, mount } = item;
  const p = c.child;
  const word = `of ${mount.destination}`;
  if (item.tree && (options.set || options.clear))
    setAttributes(p, tree, { set: options.set, clear: options.clear }, `set the options ${word}`, from);
  if (options.recursiveSet || options.recursiveClear)
    setAttributes(
      p,
      tree,
      { set: options.recursiveSet, clear: options.recursiveClear, recursive: true },
      `set the recursive options ${word}`,
      from,
    );
  for (const { flag, recursive } of options.propagation)
    setAttributes(p, tree, { propagation: flag, recursive }, `set the propagation ${word}`, from);
}
