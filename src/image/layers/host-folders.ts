/**
 * What the store of layers asks of the host beyond a jail: where the file system puts layers, and when they are on the
 * disk. Both need system calls that JavaScript does not have, so that an executor makes them.
 */

import { join } from "node:path";
import type { HostPath } from "../../base/ids.ts";
import * as F from "../../kernel/abi/files.ts";
import { Executor } from "../../kernel/executor/executor.ts";
import { KernelFailure } from "../../kernel/executor/failure.ts";
import { endExecutor } from "../../kernel/executor/pipeline.ts";
import { output, type Slot, u32 } from "../../kernel/program/argument.ts";
import { ProgramBuilder } from "../../kernel/program/builder.ts";

/** ioctl_iflags(2); the numbers are those of 64-bit machines. */
const FS_IOC_GETFLAGS = 0x80086601;
const FS_IOC_SETFLAGS = 0x40086602;
const FS_TOPDIR_FL = 0x00020000;

/**
 * Says that the folders in `folder` have nothing to do with each other (chattr(1), T). ext4 then gives each a place of
 * its own; else it makes all of them beside their parent, where it looks at every inode that was freed within the last
 * minutes before it takes one: to unpack a layer soon after the removal of another is five times as slow. What other
 * file systems answer does not matter.
 */
export async function spreadFolders(shim: HostPath, folder: HostPath): Promise<void> {
  const executor = Executor.start({ shim });
  try {
    const slot = executor.slots.slot("folder");
    const flags = output(4);
    const read = opened(folder, slot);
    read.call("read its flags", "ioctl", [slot, FS_IOC_GETFLAGS, flags], {
      answer: { buffer: flags, whole: true },
    });
    const { answers } = await executor.run(read.instructions);
    const write = new ProgramBuilder();
    const wanted = u32(answers[0]!.bytes.readUInt32LE(0) | FS_TOPDIR_FL);
    write.call("spread what will be in it", "ioctl", [slot, FS_IOC_SETFLAGS, wanted]);
    await executor.run(write.instructions);
  } catch (error) {
    if (!(error instanceof KernelFailure)) throw error;
  } finally {
    await endExecutor(executor);
  }
}

/**
 * Begins to put everything in the file system of `folder` on the disk, and then empties the files of these names in
 * it, as they are now. Resolves at once: an executor goes on by itself, also when this process ends.
 */
export async function emptyWhenSynced(
  shim: HostPath,
  folder: HostPath,
  names: readonly string[],
): Promise<void> {
  const executor = Executor.start({ shim, detached: true });
  const root = executor.slots.slot("folder");
  const files = names.map((name) => executor.slots.slot(name));
  const open = opened(folder, root);
  // Opened before: who makes a file of that name later has written after what will be on the disk.
  for (const file of files)
    open.call(`open ${file.name}`, "openat", [root, file.name, F.O_WRONLY | F.O_NOFOLLOW | F.O_CLOEXEC, 0], {
      slot: file,
      on: { ENOENT: "continue" },
    });
  const sync = new ProgramBuilder();
  sync.call("write everything to the disk", "syncfs", [root]);
  for (const file of files)
    sync.call(`empty ${file.name}`, "ftruncate", [file, 0], { on: { EBADF: "continue" } });
  try {
    await executor.run(open.instructions);
  } catch (error) {
    executor.close();
    throw error;
  }
  executor.frames.connection.unref();
  // Nobody is left to be told of a failure; the files then stay as they are.
  void executor.run(sync.instructions).then(
    () => executor.close(),
    () => executor.close(),
  );
}

function opened(folder: HostPath, slot: Slot): ProgramBuilder {
  const p = new ProgramBuilder();
  p.call(
    `open ${folder}`,
    "openat",
    [F.AT_FDCWD, join(folder), F.O_RDONLY | F.O_DIRECTORY | F.O_CLOEXEC, 0],
    {
      slot,
    },
  );
  return p;
}
