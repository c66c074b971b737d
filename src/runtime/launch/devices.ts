/**
 * Device nodes and the links of /dev (runtime-spec, config-linux.md#default-devices, runtime-linux.md#dev-symbolic-links).
 *
 * mknod(2) is not allowed in a user namespace; there the host's node is bound in its place.
 */

import { posix } from "node:path";
import * as F from "../../kernel/abi/files.ts";
import * as M from "../../kernel/abi/mount.ts";
import { output, type Slot, u32 } from "../../kernel/program/argument.ts";
import type { ProgramBuilder } from "../../kernel/program/builder.ts";
import type { Device } from "../../spec/runtime/devices.ts";
import { hasNamespace, type LaunchContext } from "./context.ts";
import { attach, inRoot, openTarget } from "./target.ts";

const typeBits = { c: F.S_IFCHR, u: F.S_IFCHR, b: F.S_IFBLK, p: F.S_IFIFO } as const;

type Node = Pick<Device, "path" | "type"> & Partial<Omit<Device, "path" | "type">>;

/** config-linux.md#default-devices: what every container has, whatever its config says. */
const defaultDevices: readonly Node[] = [
  { path: "/dev/null", type: "c", major: 1, minor: 3 },
  { path: "/dev/zero", type: "c", major: 1, minor: 5 },
  { path: "/dev/full", type: "c", major: 1, minor: 7 },
  { path: "/dev/random", type: "c", major: 1, minor: 8 },
  { path: "/dev/urandom", type: "c", major: 1, minor: 9 },
  { path: "/dev/tty", type: "c", major: 5, minor: 0 },
];

const links: readonly (readonly [name: string, to: string])[] = [
  ["fd", "/proc/self/fd"],
  ["stdin", "/proc/self/fd/0"],
  ["stdout", "/proc/self/fd/1"],
  ["stderr", "/proc/self/fd/2"],
];

interface Opened {
  readonly device: Node;
  /** By the config; the others are those that every container has. */
  readonly asked: boolean;
  readonly from: string;
  /** In a user namespace: the host's node, to be bound. */
  readonly tree?: Slot;
}

export function openDevices(c: LaunchContext): readonly Opened[] {
  const asked = (c.config.linux?.devices ?? []).map((device, i) => ({
    device,
    asked: true,
    from: `linux.devices[${i}]`,
  }));
  const paths = new Set(asked.map(({ device }) => device.path));
  const all: Opened[] = [
    ...defaultDevices
      .filter((d) => !paths.has(d.path))
      .map((device) => ({ device, asked: false, from: "default devices" })),
    ...asked,
  ];
  if (!hasNamespace(c.config, "user")) return all;
  return all.map((opened) => {
    const tree = c.slots.slot(opened.device.path);
    c.opener.call(
      `open the host's ${opened.device.path}`,
      "open_tree",
      [F.AT_FDCWD, opened.device.path, M.OPEN_TREE_CLONE | M.OPEN_TREE_CLOEXEC],
      { slot: tree, from: opened.from },
    );
    if (opened.asked) requireDevice(c.opener, opened, tree, "");
    return { ...opened, tree };
  });
}

/** Makes the nodes and links; /dev itself is a mount by now, or a directory of the image. */
export function makeDevices(c: LaunchContext, opened: readonly Opened[]): void {
  const [target, scratch] = c.scratch;
  const dev = c.slots.slot("/dev");
  const p = c.child;
  openTarget(p, {
    root: c.root,
    path: "/dev",
    into: dev,
    kind: "directory",
    scratch,
    from: "default devices",
  });
  for (const item of opened) {
    if (item.tree) bindDevice(c, item, item.tree);
    else makeNode(c, item, dev, target);
  }
  for (const [name, to] of links)
    p.call(`link /dev/${name} to ${to}`, "symlinkat", [to, dev, name], {
      from: "dev symbolic links",
      on: { EEXIST: "continue" },
    });
  if (c.config.mounts?.some((m) => inRoot(m.destination) === "dev/pts")) {
    p.call("remove the image's /dev/ptmx", "unlinkat", [dev, "ptmx", 0], {
      from: "default devices",
      on: { ENOENT: "continue" },
    });
    p.call("link /dev/ptmx to the container's terminals", "symlinkat", ["pts/ptmx", dev, "ptmx"], {
      from: "default devices",
    });
  }
  p.close(dev);
}

function makeNode(c: LaunchContext, item: Opened, dev: Slot, holder: Slot): void {
  const { device, from } = item;
  const p = c.child;
  const inDev = posix.dirname(`/${inRoot(device.path)}`) === "/dev";
  const parent = inDev ? dev : holder;
  const name = posix.basename(device.path);
  if (!inDev)
    openTarget(p, {
      root: c.root,
      path: posix.dirname(device.path),
      into: holder,
      kind: "directory",
      scratch: c.scratch[1],
      from,
    });
  const mode = device.fileMode ?? 0o666;
  const number =
    device.type === "p" ? 0 : F.deviceNumber(Number(device.major ?? 0), Number(device.minor ?? 0));
  const there = p.label(`${device.path} is there`);
  p.call(
    `make the device ${device.path}`,
    "mknodat",
    [parent, name, typeBits[device.type] | (mode & 0o7777), number],
    {
      from,
      on: { EEXIST: there },
    },
  );
  const [uid, gid] = [device.uid ?? 0, device.gid ?? 0];
  if (uid !== 0 || gid !== 0)
    p.call(
      `give ${device.path} to ${uid}:${gid}`,
      "fchownat",
      [parent, name, uid, gid, F.AT_SYMLINK_NOFOLLOW],
      { from },
    );
  if (item.asked) {
    const made = p.label(`${device.path} is made`);
    p.jump(`${device.path} is made`, made);
    p.place(there);
    requireDevice(p, item, parent, name);
    p.place(made);
  } else p.place(there);
  if (!inDev) p.close(holder);
}

/** config-linux.md#devices: a file at the path that is not the device asked for is an error; also the host's, to be bound. */
function requireDevice(p: ProgramBuilder, { device, from }: Opened, parent: Slot, name: string): void {
  const status = output(256);
  const [value, mask] = [Buffer.alloc(rdevAt + 8), Buffer.alloc(rdevAt + 8)];
  value.writeUInt16LE(typeBits[device.type], modeAt);
  mask.writeUInt16LE(F.S_IFMT, modeAt);
  if (device.type !== "p") {
    value.set(u32(Number(device.major ?? 0), Number(device.minor ?? 0)), rdevAt);
    mask.fill(0xff, rdevAt);
  }
  p.call(
    `see that what is at ${device.path} already is this device`,
    "statx",
    [parent, name, F.AT_SYMLINK_NOFOLLOW | (name === "" ? F.AT_EMPTY_PATH : 0), 0x7ff, status],
    { from, check: { buffer: status, value, mask } },
  );
}

/** struct statx: stx_mode, and stx_rdev_major with stx_rdev_minor behind it. */
const modeAt = 28;
const rdevAt = 128;

function bindDevice(c: LaunchContext, item: Opened, tree: Slot): void {
  const [target, scratch] = c.scratch;
  const { path } = item.device;
  openTarget(c.child, { root: c.root, path, into: target, kind: "file", scratch, from: item.from });
  attach(c.child, tree, target, `bind the device ${path}`, { from: item.from });
  c.child.close(target);
  c.child.close(tree);
}
