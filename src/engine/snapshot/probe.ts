/**
 * Tries out what a root's file system can: first whether it holds what images have (owners, modes, links, devices), then
 * whether an overlay can be mounted there that hides and removes files as it should. Not every one that mounts does: on a
 * file system whose folders do not tell the types of names (d_type), whiteouts show; one that lies in an overlay itself
 * takes none at all.
 *
 * All is done in a folder that names this process, by an executor whose mounts end with it; what a killed process has left
 * the next one removes.
 */

import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { HostPath } from "../../base/ids.ts";
import { namesOf } from "../../image/files/reader.ts";
import { removeTree } from "../../image/layers/session-tree.ts";
import { isOwned, ownedName } from "../../image/store/owner.ts";
import * as F from "../../kernel/abi/files.ts";
import * as M from "../../kernel/abi/mount.ts";
import * as P from "../../kernel/abi/process.ts";
import type { Executor } from "../../kernel/executor/executor.ts";
import { KernelFailure } from "../../kernel/executor/failure.ts";
import { endExecutor } from "../../kernel/executor/pipeline.ts";
import { output, type Slot } from "../../kernel/program/argument.ts";
import { ProgramBuilder } from "../../kernel/program/builder.ts";
import { openOverlay } from "../../runtime/launch/overlay.ts";
import { type EngineHost, hostSession } from "../host.ts";
import type { StorageFacts } from "./choose.ts";

const prefix = ".probe-";

export async function probeStorage(host: EngineHost): Promise<StorageFacts> {
  await removeAbandoned(host);
  const { root } = host.roots;
  const folder = join(root, prefix + ownedName(host.owner, host.random)) as HostPath;
  mkdirSync(folder, { mode: 0o700 });
  try {
    const unfit = await reason(host, (executor) => tryFiles(executor, folder));
    if (unfit !== undefined) return { unfit: `its file system is not made for it (${unfit})` };
    const noOverlay = await reason(host, (executor) => tryOverlay(host, executor, folder));
    return noOverlay === undefined ? {} : { noOverlay };
  } finally {
    await removeTree(host.shim, folder);
  }
}

async function removeAbandoned({ roots, owner, shim }: EngineHost): Promise<void> {
  for (const name of readdirSync(roots.root))
    if (name.startsWith(prefix) && !isOwned(owner, name.slice(prefix.length)))
      await removeTree(shim, join(roots.root, name) as HostPath);
}

/** What says nothing of the file system: it may be otherwise in a moment. */
const passing: ReadonlySet<string> = new Set([
  "EDQUOT",
  "EIO",
  "EMFILE",
  "ENFILE",
  "ENOMEM",
  "ENOSPC",
  "EROFS",
]);

/** Why it did not work; undefined where it did. */
async function reason(
  host: EngineHost,
  attempt: (executor: Executor) => Promise<string | undefined>,
): Promise<string | undefined> {
  const executor = hostSession(host);
  try {
    return await attempt(executor);
  } catch (error) {
    if (!(error instanceof KernelFailure) || passing.has(error.errno)) throw error;
    return error.message;
  } finally {
    await endExecutor(executor);
  }
}

const [owner, mode] = [{ uid: 7, gid: 8 }, 0o4751];

async function tryFiles(executor: Executor, folder: HostPath): Promise<string | undefined> {
  const at = executor.slots.slot("folder");
  const p = new ProgramBuilder();
  p.call(`open ${folder}`, "openat", [F.AT_FDCWD, folder, F.O_RDONLY | F.O_DIRECTORY | F.O_CLOEXEC, 0], {
    slot: at,
  });
  p.call("make a file", "mknodat", [at, "file", F.S_IFREG | 0o600, 0]);
  p.call("make a name that differs in case", "mknodat", [at, "FILE", F.S_IFREG | 0o600, 0]);
  p.call("make a hard link", "linkat", [at, "file", at, "hard", 0]);
  p.call("make a symbolic link", "symlinkat", ["file", at, "soft"]);
  p.call("make a fifo", "mknodat", [at, "fifo", F.S_IFIFO | 0o600, 0]);
  p.call("make a device", "mknodat", [at, "null", F.S_IFCHR | 0o600, F.deviceNumber(1, 3)]);
  p.call("give a file to another owner", "fchownat", [at, "file", owner.uid, owner.gid, 0]);
  p.call("set the mode of a file", "fchmodat", [at, "file", mode]);
  const stat = output(256);
  p.call("look at the file", "statx", [at, "file", F.AT_SYMLINK_NOFOLLOW, 0x7ff, stat], {
    answer: { buffer: stat, whole: true },
  });
  const bytes = (await executor.run(p.instructions)).answers[0]!.bytes;
  const kept =
    bytes.readUInt32LE(20) === owner.uid &&
    bytes.readUInt32LE(24) === owner.gid &&
    (bytes.readUInt16LE(28) & 0o7777) === mode;
  return kept ? undefined : "it does not keep owner and mode of a file";
}

/** Two layers and one that is written, with each way of hiding a file. */
async function tryOverlay(
  host: EngineHost,
  executor: Executor,
  folder: HostPath,
): Promise<string | undefined> {
  for (const name of ["below/dir", "above/dir", "upper", "work"])
    mkdirSync(join(folder, name), { recursive: true, mode: 0o755 });
  for (const name of ["below/hidden", "below/removed", "below/dir/inside", "below/kept"])
    writeFileSync(join(folder, name), "");
  const { slots } = executor;
  const [root, listed] = [slots.slot("root"), slots.slot("folder of the overlay")];
  const scratch = [slots.slot("scratch"), slots.slot("scratch 2")] as const;
  const p = new ProgramBuilder();
  p.call("change to the folder", "chdir", [folder]);
  p.call("make a whiteout", "mknodat", [F.AT_FDCWD, "above/hidden", F.S_IFCHR, 0]);
  const y = Buffer.from("y");
  p.call("make a folder opaque", "lsetxattr", ["above/dir", "trusted.overlay.opaque", y, y.length, 0]);
  p.call("get a mount namespace", "unshare", [P.CLONE_NEWNS]);
  p.call("keep its mounts to itself", "mount", ["none", "/", 0, M.MS_REC | M.MS_PRIVATE, 0]);
  openOverlay(
    { opener: p, root, scratch, kernel: host.facts.kernel },
    {
      kind: "overlay",
      base: folder,
      lower: ["above", "below"],
      written: { upper: "upper", work: "work" },
    },
  );
  p.call("remove a file of the lowest layer", "unlinkat", [root, "removed", 0]);
  p.call("write beside it", "mknodat", [root, "new", F.S_IFREG | 0o600, 0]);
  for (const path of [".", "dir"]) listing(p, root, path, listed);
  const found = (await executor.run(p.instructions)).answers.map(({ bytes }) =>
    [...namesOf(bytes)].map(({ name }) => name).sort(),
  );
  const seen = JSON.stringify(found);
  const expected = JSON.stringify([["dir", "kept", "new"], []]);
  return seen === expected ? undefined : `an overlay there shows files that it hides (${seen})`;
}

function listing(p: ProgramBuilder, root: Slot, path: string, slot: Slot): void {
  const flags = F.O_RDONLY | F.O_DIRECTORY | F.O_CLOEXEC;
  const names = output(4096);
  p.call(`open ${path} in the overlay`, "openat", [root, path, flags, 0], { slot });
  p.call(`list ${path}`, "getdents64", [slot, names, 4096], { answer: { buffer: names } });
  p.close(slot);
}
