/**
 * Volumes with options of the local driver are mounted on the host while a container has them, as in Docker: containers
 * that run at once share a file system in memory, and it goes with the last of them.
 *
 * Invariant: who starts a container has written its row before he asks here, and who takes a volume off looks at the rows
 * while he has the volume's lock. So none is taken off that somebody is about to use; one that a killed process has left
 * is taken off with the next container that had it, by `volume rm`, or by `system release`.
 */

import { mkdirSync } from "node:fs";
import { BrigError, messageOf } from "../../base/errors.ts";
import type { HostPath } from "../../base/ids.ts";
import { statAt, statInto, statSize } from "../../image/files/stat.ts";
import * as F from "../../kernel/abi/files.ts";
import * as M from "../../kernel/abi/mount.ts";
import type { Executor } from "../../kernel/executor/executor.ts";
import { KernelFailure } from "../../kernel/executor/failure.ts";
import { endExecutor, Pipeline } from "../../kernel/executor/pipeline.ts";
import type { Slot } from "../../kernel/program/argument.ts";
import { ProgramBuilder } from "../../kernel/program/builder.ts";
import { CallList } from "../../kernel/program/call-list.ts";
import { parseMountOptions } from "../../runtime/launch/mount-options.ts";
import { setAttributes } from "../../runtime/launch/rootfs.ts";
import { type EngineHost, hostSession } from "../host.ts";
import { makePublicDirectory } from "../public-files.ts";
import { paths } from "../roots.ts";
import { withLock } from "../store/lock.ts";
import { type VolumeOptions, type VolumeSource, volumeSource } from "./options.ts";

/** Undefined for one that is a folder and nothing else. */
export function optionsOf(
  { database }: Pick<EngineHost, "database">,
  name: string,
): VolumeOptions | undefined {
  const row = database.get("SELECT options FROM volume WHERE name = ? AND options <> '{}'", name);
  return row && (JSON.parse(String(row.options)) as VolumeOptions);
}

/** Does nothing where it is mounted already. */
export async function mountVolume(host: EngineHost, name: string, options: VolumeOptions): Promise<void> {
  const source = await volumeSource(options);
  const path = paths.volume(host.roots, name);
  await withLock(host, `volume ${name}`, async () => {
    mkdirSync(paths.volumes(host.roots), { recursive: true, mode: 0o700 });
    makePublicDirectory(path);
    if (await isMounted(host, path)) return;
    const executor = hostSession(host);
    try {
      await executor.run(mountProgram(executor, source, path));
    } catch (error) {
      throw new BrigError(
        error instanceof BrigError ? error.kind : "internal",
        `cannot mount the volume ${name}: ${messageOf(error)}`,
        { cause: error },
      );
    } finally {
      await endExecutor(executor);
    }
  });
}

/** Unless `isUsed` says that somebody has it, who is asked while nobody can begin to. */
export async function unmountVolume(host: EngineHost, name: string, isUsed: () => boolean): Promise<void> {
  await withLock(host, `volume ${name}`, async () => {
    const path = paths.volume(host.roots, name);
    if (isUsed() || !(await isMounted(host, path))) return;
    const executor = hostSession(host);
    const p = new ProgramBuilder();
    p.call(`take ${path} off`, "umount2", [path, M.MNT_DETACH | M.UMOUNT_NOFOLLOW]);
    try {
      await executor.run(p.instructions);
    } finally {
      await endExecutor(executor);
    }
  });
}

/** Whether something is mounted on a volume's folder. */
export async function isMounted(host: EngineHost, path: HostPath): Promise<boolean> {
  const executor = hostSession(host);
  try {
    const folder = executor.slots.slot("volume");
    await executor.run(opened(path, folder).instructions);
    const pipeline = new Pipeline(executor);
    const list = new CallList();
    pipeline.begin(list);
    const place = list.room(statSize);
    statInto(list, folder.fd, "", place);
    list.answerRoom(place, statSize);
    const [answer] = await pipeline.send(list);
    return statAt(answer!.bytes, 0)!.mountRoot;
  } catch (error) {
    if (error instanceof KernelFailure && error.errno === "ENOENT") return false;
    throw error;
  } finally {
    await endExecutor(executor);
  }
}

function opened(path: HostPath, slot: Slot): ProgramBuilder {
  const p = new ProgramBuilder();
  const flags = F.O_PATH | F.O_DIRECTORY | F.O_NOFOLLOW | F.O_CLOEXEC;
  p.call(`open ${path}`, "openat", [F.AT_FDCWD, path, flags, 0], { slot });
  return p;
}

function mountProgram({ slots }: Executor, { type, device, words }: VolumeSource, path: HostPath) {
  const [at, context, tree] = [slots.slot("volume"), slots.slot("file system"), slots.slot("mount")];
  const { bind, set, clear, propagation, data } = parseMountOptions(words);
  const p = opened(path, at);
  if (bind === "no") {
    const given = (command: number, key: string, value: string | 0) =>
      p.call(`set ${value === 0 ? key : `${key}=${value}`}`, "fsconfig", [context, command, key, value, 0]);
    p.call(`make a file system of type ${type}`, "fsopen", [type, M.FSOPEN_CLOEXEC], { slot: context });
    given(M.FSCONFIG_SET_STRING, "source", device);
    if (set & M.MOUNT_ATTR_RDONLY) given(M.FSCONFIG_SET_FLAG, "ro", 0);
    for (const word of data) {
      const equals = word.indexOf("=");
      if (equals < 0) given(M.FSCONFIG_SET_FLAG, word, 0);
      else given(M.FSCONFIG_SET_STRING, word.slice(0, equals), word.slice(equals + 1));
    }
    p.call(`mount ${device}`, "fsconfig", [context, M.FSCONFIG_CMD_CREATE, 0, 0, 0]);
    p.call(`mount ${device}`, "fsmount", [context, M.FSMOUNT_CLOEXEC, set], { slot: tree });
  } else {
    const how = M.OPEN_TREE_CLONE | M.OPEN_TREE_CLOEXEC | (bind === "rbind" ? F.AT_RECURSIVE : 0);
    p.call(`open ${device}`, "open_tree", [F.AT_FDCWD, device, how], { slot: tree });
    if (set || clear) setAttributes(p, tree, { set, clear }, `set the options of ${device}`);
  }
  for (const { flag, recursive } of propagation)
    setAttributes(p, tree, { propagation: flag, recursive }, `set the propagation of ${device}`);
  const empty = M.MOVE_MOUNT_F_EMPTY_PATH | M.MOVE_MOUNT_T_EMPTY_PATH;
  p.call(`attach it at ${path}`, "move_mount", [tree, "", at, "", empty]);
  return p.instructions;
}
