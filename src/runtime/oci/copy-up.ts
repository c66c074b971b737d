/**
 * What the image has where a tmpfs with `tmpcopyup` goes, read by the executor before the launch: by fds beneath the
 * root, through no link, as the image may be anybody's. `launch/copy-up.ts` copies it.
 */

import { posix } from "node:path";
import { BrigError } from "../../base/errors.ts";
import * as F from "../../kernel/abi/files.ts";
import type { Answer, Executor } from "../../kernel/executor/executor.ts";
import { output, type Slot } from "../../kernel/program/argument.ts";
import { ProgramBuilder } from "../../kernel/program/builder.ts";
import type { RuntimeConfig } from "../../spec/runtime/config.ts";
import type { Mount } from "../../spec/runtime/mounts.ts";
import { type CopiedFile, type CopyUps, isDirectory, openBeneath } from "../launch/copy-up.ts";
import { parseMountOptions } from "../launch/mount-options.ts";
import { inRoot, openInRoot } from "../launch/target.ts";

/** What a segment of the launch holds by far; who has more wants a volume. */
const filesMax = 10_000;

export async function readCopyUps(
  executor: Executor,
  rootfs: string,
  config: RuntimeConfig,
): Promise<CopyUps> {
  const found = new Map<Mount, readonly CopiedFile[]>();
  const mounts = config.mounts ?? [];
  for (const [i, mount] of mounts.entries()) {
    if (mount.type !== "tmpfs" || !parseMountOptions(mount.options ?? []).copyUp) continue;
    const covers = mounts
      .slice(0, i)
      .findLast(({ destination }) => isBeneath(mount.destination, destination));
    found.set(mount, covers ? nothingOf(covers, mount) : await readTree(executor, rootfs, mount));
  }
  return found;
}

function isBeneath(path: string, directory: string): boolean {
  return inRoot(directory) === "" || `${inRoot(path)}/`.startsWith(`${inRoot(directory)}/`);
}

/** In a file system that is new there is nothing yet; another would have to be read inside the container. */
function nothingOf(covers: Mount, { destination }: Mount): readonly CopiedFile[] {
  const { bind, copyUp } = parseMountOptions(covers.options ?? []);
  if (bind === "no" && !copyUp && covers.type !== "bind") return [];
  throw new BrigError(
    "unsupported",
    `cannot fill the tmpfs at ${destination}: what is there comes from the mount at ${covers.destination}; leave tmpcopyup out`,
  );
}

async function readTree(
  executor: Executor,
  rootfs: string,
  { destination }: Mount,
): Promise<readonly CopiedFile[]> {
  const { slots } = executor;
  const [root, top, directory] = [
    slots.slot("root directory"),
    slots.slot(destination),
    slots.slot("directory"),
  ];
  const p = new ProgramBuilder();
  const none = p.label(`no ${destination}`);
  p.call(
    "open the root directory",
    "openat",
    [F.AT_FDCWD, rootfs, F.O_PATH | F.O_DIRECTORY | F.O_CLOEXEC, 0],
    {
      slot: root,
      from: "root.path",
    },
  );
  openInRoot(p, {
    root,
    path: destination,
    into: top,
    flags: F.O_PATH | F.O_DIRECTORY,
    why: `open ${destination} of the image`,
    on: { ENOENT: none, ENOTDIR: none },
  });
  statusOf(p, top, ".");
  p.place(none);
  const { answers } = await executor.run(p.instructions);
  if (answers.length === 0) return [];
  const files: CopiedFile[] = [fileOf(".", answers[0]!)];
  for (let i = 0; i < files.length; i++) {
    const parent = files[i]!;
    if (!isDirectory(parent)) continue;
    const names = await readNames(executor, top, directory, parent.path);
    if (files.length + names.length > filesMax)
      throw new BrigError(
        "unsupported",
        `cannot fill the tmpfs at ${destination}: the image has more than ${filesMax} files there; use a volume`,
      );
    files.push(...(await readFiles(executor, top, names)));
  }
  await executor.run(closing(top, root));
  return files;
}

/** Some 800 entries with usual names. */
const listingSize = 32768;

/** Paths beneath the top. */
async function readNames(
  executor: Executor,
  top: Slot,
  directory: Slot,
  path: Path,
): Promise<readonly Path[]> {
  const p = new ProgramBuilder();
  const how = openBeneath(F.O_RDONLY | F.O_DIRECTORY);
  p.call(`open ${path} of the image`, "openat2", [top, path, how, 24], { slot: directory });
  await executor.run(p.instructions);
  const names: Path[] = [];
  for (;;) {
    const read = new ProgramBuilder();
    const buffer = output(listingSize);
    read.call(`list ${path} of the image`, "getdents64", [directory, buffer, listingSize], {
      answer: { buffer },
    });
    const { answers } = await executor.run(read.instructions);
    const { bytes } = answers[0]!;
    if (bytes.length === 0) break;
    for (let at = 0; at < bytes.length; at += bytes.readUInt16LE(at + 16)) {
      const name = bytes.subarray(at + 19, bytes.indexOf(0, at + 19));
      if (!(name.equals(self) || name.equals(parent))) names.push(joined(path, name));
    }
    if (names.length > filesMax) break;
  }
  await executor.run(closing(directory));
  return names;
}

const [self, parent] = [Buffer.from("."), Buffer.from("..")];

/** A segment has room for their answers. */
const filesAtOnce = 1000;

async function readFiles(
  executor: Executor,
  top: Slot,
  paths: readonly Path[],
): Promise<readonly CopiedFile[]> {
  const files: CopiedFile[] = [];
  for (let i = 0; i < paths.length; i += filesAtOnce) {
    const some = paths.slice(i, i + filesAtOnce);
    const p = new ProgramBuilder();
    for (const path of some) statusOf(p, top, path);
    const { answers } = await executor.run(p.instructions);
    const read = some.map((path, n) => fileOf(path, answers[n]!));
    // A socket is nobody's without the process that listens.
    const kept = read.filter(({ mode }) => (mode & F.S_IFMT) !== socketType);
    files.push(...(await withTargets(executor, top, kept)));
  }
  return files;
}

const socketType = 0o140000;

async function withTargets(
  executor: Executor,
  top: Slot,
  files: readonly CopiedFile[],
): Promise<readonly CopiedFile[]> {
  const links = files.filter(({ mode }) => (mode & F.S_IFMT) === F.S_IFLNK);
  if (links.length === 0) return files;
  const p = new ProgramBuilder();
  for (const { path } of links) {
    const buffer = output(pathMax);
    p.call(`read the link ${path} of the image`, "readlinkat", [top, path, buffer, pathMax], {
      answer: { buffer },
    });
  }
  const { answers } = await executor.run(p.instructions);
  const targets = new Map(links.map((link, i) => [link, pathOf(answers[i]!.bytes)]));
  return files.map((file) => {
    const target = targets.get(file);
    return target === undefined ? file : { ...file, target };
  });
}

const pathMax = 4096;

function statusOf(p: ProgramBuilder, top: Slot, path: Path): void {
  const buffer = output(256);
  p.call(`look at ${path} of the image`, "statx", [top, path, F.AT_SYMLINK_NOFOLLOW, basicStats, buffer], {
    answer: { buffer, whole: true },
  });
}

const basicStats = 0x7ff;

/** struct statx of statx(2). */
function fileOf(path: Path, { bytes }: Answer): CopiedFile {
  const seconds = bytes.readBigInt64LE(112);
  return {
    path,
    mode: bytes.readUInt16LE(28),
    uid: bytes.readUInt32LE(20),
    gid: bytes.readUInt32LE(24),
    size: Number(bytes.readBigUInt64LE(40)),
    modified: seconds * 1_000_000_000n + BigInt(bytes.readUInt32LE(120)),
    number: F.deviceNumber(bytes.readUInt32LE(128), bytes.readUInt32LE(132)),
  };
}

type Path = CopiedFile["path"];

function joined(directory: Path, name: Buffer): Path {
  if (directory === ".") return pathOf(name);
  if (typeof directory === "string" && isText(name)) return posix.join(directory, name.toString());
  const above = typeof directory === "string" ? Buffer.from(directory) : directory.subarray(0, -1);
  return pathOf(Buffer.concat([above, Buffer.from("/"), name]));
}

function pathOf(bytes: Buffer): Path {
  return isText(bytes) ? bytes.toString() : Buffer.concat([bytes, Buffer.of(0)]);
}

function isText(bytes: Buffer): boolean {
  return Buffer.from(bytes.toString()).equals(bytes);
}

function closing(...slots: readonly Slot[]) {
  const p = new ProgramBuilder();
  for (const slot of slots) p.close(slot);
  return p.instructions;
}
