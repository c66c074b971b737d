/**
 * Paths inside the container's root, made and opened so that no symbolic link of the image leads out of it.
 *
 * openat2(2) with RESOLVE_IN_ROOT resolves; missing directories are made one by one by mkdirat(2) below the fd
 * of the one before, which follows no link. A mount target is an O_PATH fd from here on, never a path again
 * (CVE-2021-30465, CVE-2025-31133).
 */

import { posix } from "node:path";
import {
  O_CLOEXEC,
  O_PATH,
  RESOLVE_IN_ROOT,
  RESOLVE_NO_MAGICLINKS,
  RESOLVE_NO_SYMLINKS,
  S_IFREG,
} from "../../kernel/abi/files.ts";
import { MOVE_MOUNT_F_EMPTY_PATH, MOVE_MOUNT_T_EMPTY_PATH } from "../../kernel/abi/mount.ts";
import { openFlags } from "../../kernel/explain/flag-names.ts";
import type { Slot } from "../../kernel/program/argument.ts";
import { openHow, type ProgramBuilder } from "../../kernel/program/builder.ts";
import type { Rules } from "../../kernel/program/instruction.ts";

/** The path without leading slash and `..`; "" is the root itself. */
export function inRoot(path: string): string {
  return posix.normalize(`/${path}`).replace(/^\/+|\/+$/g, "");
}

/** Opens a path of the container that must be there, or else goes on as `on` says. */
export function openInRoot(
  p: ProgramBuilder,
  open: {
    readonly root: Slot;
    readonly path: string;
    readonly into: Slot;
    readonly flags?: number;
    readonly why: string;
    readonly from?: string;
    readonly on?: Rules;
    /** No symbolic link at all, not even one that stays inside. */
    readonly plain?: boolean;
  },
): void {
  const flags = (open.flags ?? O_PATH) | O_CLOEXEC;
  const [refused, name] = open.plain
    ? [RESOLVE_NO_SYMLINKS, "RESOLVE_NO_SYMLINKS"]
    : [RESOLVE_NO_MAGICLINKS, "RESOLVE_NO_MAGICLINKS"];
  const how = openHow({
    flags,
    resolve: RESOLVE_IN_ROOT | refused,
    text: () => `{flags=${openFlags(flags)}, resolve=RESOLVE_IN_ROOT|${name}}`,
  });
  p.call(open.why, "openat2", [open.root, inRoot(open.path) || ".", how, 24], {
    slot: open.into,
    ...(open.from === undefined ? {} : { from: open.from }),
    ...(open.on === undefined ? {} : { on: open.on }),
  });
}

export interface Target {
  readonly root: Slot;
  readonly path: string;
  readonly into: Slot;
  readonly kind: "directory" | "file";
  /** Holds the parent directory while the last component is made. */
  readonly scratch: Slot;
  readonly from: string;
  readonly plain?: boolean;
}

/** Opens the path, making what is missing of it. */
export function openTarget(p: ProgramBuilder, target: Target): void {
  const { root, into, scratch, from, plain = false } = target;
  const path = inRoot(target.path);
  const why = `open /${path} in the container`;
  if (path === "") {
    openInRoot(p, { root, path, into, why, from });
    return;
  }
  const missing = p.label(`make /${path}`);
  const done = p.label(`/${path} is there`);
  openInRoot(p, { root, path, into, why, from, plain, on: { ENOENT: missing } });
  p.jump(`/${path} is there`, done);
  p.place(missing);
  const parts = path.split("/");
  openInRoot(p, { root, path: "", into: scratch, why: "open the container's root", from });
  parts.forEach((part, i) => {
    const upTo = parts.slice(0, i + 1).join("/");
    const last = i === parts.length - 1;
    make(p, last ? target : { ...target, kind: "directory" }, part, upTo);
    const dangling = last && !plain ? p.label(`/${upTo} leads nowhere`) : undefined;
    openInRoot(p, {
      root,
      path: upTo,
      into: last ? into : scratch,
      why: `open /${upTo} in the container`,
      from,
      plain,
      ...(dangling ? { on: { ENOENT: dangling } } : {}),
    });
    if (dangling) {
      p.jump(`/${upTo} is there`, done);
      p.place(dangling);
      replaceLink(p, target, part, upTo);
    }
  });
  p.place(done);
}

/** A link of the image to what it does not have, such as /etc/resolv.conf into /run: the target takes its place. */
function replaceLink(p: ProgramBuilder, target: Target, name: string, path: string): void {
  const { root, into, scratch, from } = target;
  p.call(`remove the link /${path}`, "unlinkat", [scratch, name, 0], { from });
  make(p, target, name, path);
  openInRoot(p, { root, path, into, why: `open /${path} in the container`, from });
}

function make(p: ProgramBuilder, { kind, scratch, from }: Target, name: string, path: string): void {
  const on: Rules = { EEXIST: "continue" };
  if (kind === "file")
    p.call(`make the file /${path}`, "mknodat", [scratch, name, S_IFREG | 0o644, 0], { from, on });
  else p.call(`make the directory /${path}`, "mkdirat", [scratch, name, 0o755], { from, on });
}

/** Attaches a detached mount to an open target. */
export function attach(
  p: ProgramBuilder,
  mount: Slot,
  target: Slot,
  why: string,
  options: { readonly from?: string; readonly on?: Rules } = {},
): void {
  p.call(
    why,
    "move_mount",
    [mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH],
    options,
  );
}
