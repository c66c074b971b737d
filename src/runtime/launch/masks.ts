/**
 * Masked and read-only paths (runtime-spec, config-linux.md#masked-paths, #readonly-paths).
 *
 * A masked file is covered by the host's /dev/null, a directory by one empty read-only tmpfs; both are detached
 * mounts opened before the image could have a say (CVE-2025-31133). Paths that do not exist are passed over.
 */

import * as F from "../../kernel/abi/files.ts";
import * as M from "../../kernel/abi/mount.ts";
import { output, type Slot, u32 } from "../../kernel/program/argument.ts";
import type { LaunchContext } from "./context.ts";
import { setAttributes } from "./rootfs.ts";
import { attach, openInRoot } from "./target.ts";
import { makeTmpfs } from "./tmpfs.ts";

const clone = M.OPEN_TREE_CLONE | M.OPEN_TREE_CLOEXEC | F.AT_EMPTY_PATH;

/** The host's /dev/null, seen to be the null device, to cover files with. */
export function openNull(c: LaunchContext): Slot | undefined {
  if (!c.config.linux?.maskedPaths?.length) return undefined;
  const nothing = c.slots.slot("/dev/null");
  const from = "linux.maskedPaths";
  c.opener.call(
    "open the host's /dev/null",
    "open_tree",
    [F.AT_FDCWD, "/dev/null", M.OPEN_TREE_CLONE | M.OPEN_TREE_CLOEXEC],
    {
      slot: nothing,
      from,
    },
  );
  // struct statx: stx_rdev_major and _minor stand at 128.
  const status = output(256);
  const [value, mask] = [Buffer.alloc(136), Buffer.alloc(136)];
  value.set(u32(1, 3), 128);
  mask.fill(0xff, 128);
  c.opener.call("see that it is the null device", "statx", [nothing, "", F.AT_EMPTY_PATH, 0x7ff, status], {
    from,
    check: { buffer: status, value, mask },
  });
  return nothing;
}

/**
 * Before Linux 6.15 a mount that is not attached cannot be cloned, and later not in another mount namespace than its
 * maker's. Then the mount itself covers the first path, where it can be cloned for the others.
 */
export function maskPaths(c: LaunchContext, nothing: Slot | undefined): void {
  const paths = c.config.linux?.maskedPaths ?? [];
  if (nothing === undefined || paths.length === 0) return;
  const p = c.child;
  const empty = c.slots.slot("empty directory");
  const cover = c.scratch[1];
  makeTmpfs(
    c,
    empty,
    "555",
    M.MOUNT_ATTR_RDONLY | M.MOUNT_ATTR_NOSUID | M.MOUNT_ATTR_NODEV | M.MOUNT_ATTR_NOEXEC,
    "linux.maskedPaths",
  );
  paths.forEach((path, i) => {
    const from = `linux.maskedPaths[${i}]`;
    const [done, directory] = [p.label(`${path} is masked`), p.label(`${path} is a directory`)];
    const target = c.scratch[0];
    openInRoot(p, {
      root: c.root,
      path,
      into: target,
      why: `find ${path}`,
      from,
      on: { ENOENT: done, ENOTDIR: done },
    });
    const [own, ownDirectory] = [p.label("the first file"), p.label("the first directory")];
    p.call("take a /dev/null to cover it", "open_tree", [nothing, "", clone], {
      slot: cover,
      from,
      on: { EINVAL: own },
    });
    attach(p, cover, target, `mask ${path}`, { from, on: { ENOTDIR: directory, EINVAL: directory } });
    p.jump(`${path} is masked`, done);
    p.place(own);
    attach(p, nothing, target, `mask ${path}`, { from, on: { ENOTDIR: directory, EINVAL: directory } });
    p.jump(`${path} is masked`, done);
    p.place(directory);
    p.call("take an empty directory to cover it", "open_tree", [empty, "", clone], {
      slot: cover,
      from,
      on: { EINVAL: ownDirectory },
    });
    attach(p, cover, target, `mask the directory ${path}`, { from });
    p.jump(`${path} is masked`, done);
    p.place(ownDirectory);
    attach(p, empty, target, `mask the directory ${path}`, { from });
    p.place(done);
  });
  p.close(empty);
  p.close(nothing);
}

export function protectPaths(c: LaunchContext): void {
  const p = c.child;
  const [target, copy] = c.scratch;
  (c.config.linux?.readonlyPaths ?? []).forEach((path, i) => {
    const from = `linux.readonlyPaths[${i}]`;
    const done = p.label(`${path} is read-only`);
    openInRoot(p, {
      root: c.root,
      path,
      into: target,
      why: `find ${path}`,
      from,
      on: { ENOENT: done, ENOTDIR: done },
    });
    p.call(`clone the mounts at ${path}`, "open_tree", [target, "", clone | F.AT_RECURSIVE], {
      slot: copy,
      from,
    });
    setAttributes(p, copy, { set: M.MOUNT_ATTR_RDONLY }, `make ${path} read-only`, from);
    attach(p, copy, target, `mount ${path} over itself`, { from });
    p.place(done);
  });
}
