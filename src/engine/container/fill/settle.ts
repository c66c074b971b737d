/**
 * Brings a complete copy to its volume: as the volume itself where there is none yet, else name by name into the one
 * that is there, which containers may have mounted. May be repeated until nothing is left of the copy.
 */

import type { HostPath } from "../../../base/ids.ts";
import { TreeReader } from "../../../image/files/reader.ts";
import { FileSession } from "../../../image/files/side.ts";
import { statAt, statInto, statSize } from "../../../image/files/stat.ts";
import { finish, setXattr } from "../../../image/files/target.ts";
import { removeTree } from "../../../image/layers/session-tree.ts";
import { filterXattrs } from "../../../image/layers/xattr-filter.ts";
import { type ByteString, byteString } from "../../../image/tar/byte-string.ts";
import * as F from "../../../kernel/abi/files.ts";
import { errnoNumber } from "../../../kernel/errno.ts";
import { Executor } from "../../../kernel/executor/executor.ts";
import { endExecutor } from "../../../kernel/executor/pipeline.ts";
import type { Slot } from "../../../kernel/program/argument.ts";
import { ProgramBuilder } from "../../../kernel/program/builder.ts";
import { CallList, callNumbers, pointer1, pointer3 } from "../../../kernel/program/call-list.ts";
import type { EngineHost } from "../../host.ts";

export interface Settlement {
  readonly volume: HostPath;
  /** Where a complete copy is that waits for its volume. */
  readonly complete: HostPath;
  /** A copy that is complete by now and not there yet. */
  readonly draft?: HostPath;
  /** A power cut must not leave a part of it. */
  readonly durable: boolean;
}

export async function settleFill(host: EngineHost, settlement: Settlement): Promise<void> {
  const { volume, complete, draft, durable } = settlement;
  const executor = Executor.start({ shim: host.shim });
  try {
    if (draft && durable) await synchronize(executor, draft);
    if (await rename(executor, draft ?? complete, volume)) return;
    if (draft) await rename(executor, draft, complete);
    await mergeInto(executor, complete, volume);
  } finally {
    await endExecutor(executor);
  }
  await removeTree(host.shim, complete);
}

async function synchronize(executor: Executor, folder: HostPath): Promise<void> {
  const p = new ProgramBuilder();
  const slot = executor.slots.slot("copy");
  p.call(`open ${folder}`, "openat", [F.AT_FDCWD, folder, opening, 0], { slot });
  p.call("wait until the copy is on the disk", "syncfs", [slot]);
  p.close(slot);
  await executor.run(p.instructions);
}

const opening = F.O_RDONLY | F.O_DIRECTORY | F.O_NOFOLLOW | F.O_CLOEXEC;
const RENAME_NOREPLACE = 1;

/** False when something of the new name is there. */
async function rename(executor: Executor, from: HostPath, to: HostPath): Promise<boolean> {
  const p = new ProgramBuilder();
  const args = [F.AT_FDCWD, from, F.AT_FDCWD, to, RENAME_NOREPLACE];
  p.call(`call ${from} ${to}`, "renameat2", args, { on: { EEXIST: "continue" }, answer: {} });
  const [answer] = (await executor.run(p.instructions)).answers;
  return answer!.result === 0;
}

const numbers = callNumbers("fgetxattr", "flistxattr", "getpid", "renameat2");
const [EEXIST, ENODATA, EOPNOTSUPP, ERANGE] = (["EEXIST", "ENODATA", "EOPNOTSUPP", "ERANGE"] as const).map(
  errnoNumber,
) as [number, number, number, number];

/** What has come into the volume meanwhile stays, and so do its attributes then: it is not the image's any more. */
async function mergeInto(executor: Executor, copy: HostPath, volume: HostPath): Promise<void> {
  const { slots } = executor;
  const session = new FileSession(executor, [slots.slot("file").fd, slots.slot("copy").fd]);
  const [from, to] = [slots.slot("copy of the image's folder"), slots.slot("volume")];
  const p = new ProgramBuilder();
  for (const [path, slot] of [
    [copy, from],
    [volume, to],
  ] as const)
    p.call(`open ${path}`, "openat", [F.AT_FDCWD, path, opening, 0], { slot });
  await executor.run(p.instructions);
  const attributes = await attributesOf(session, from);
  if (await moveNames(session, from, to)) await setAttributes(session, to, attributes);
}

/** Calls in one segment. */
const namesAtOnce = 500;

/** False when a name was taken. */
async function moveNames(session: FileSession, from: Slot, to: Slot): Promise<boolean> {
  const { pipeline } = session;
  const [files] = await new TreeReader(pipeline, session.side(from.fd)).list([
    { path: ".", mountRoot: false },
  ]);
  let all = true;
  for (let at = 0; at < files!.length; at += namesAtOnce) {
    const list = new CallList();
    pipeline.begin(list);
    for (const { name } of files!.slice(at, at + namesAtOnce)) {
      const [old, its] = [list.text(name), list.text(name)];
      list.call(numbers.renameat2, pointer1 | pointer3, from.fd, old, to.fd, its, RENAME_NOREPLACE);
      list.forgive(EEXIST);
      list.answer();
    }
    for (const { result } of await pipeline.send(list)) all &&= result === 0;
  }
  return all;
}

type FolderAttributes = Awaited<ReturnType<typeof attributesOf>>;

async function attributesOf({ pipeline }: FileSession, { fd }: Slot) {
  const list = new CallList();
  pipeline.begin(list);
  const place = list.room(statSize);
  statInto(list, fd, "", place);
  const names = list.call(numbers.flistxattr, 0, fd, 0, 4096);
  list.answerBuffer(1, 4096);
  for (const errno of [EOPNOTSUPP, ERANGE]) list.forgive(errno);
  const last = list.call(numbers.getpid, 0);
  list.answerRoom(place, statSize);
  const answers = new Map((await pipeline.send(list)).map(({ index, bytes }) => [index, bytes]));
  const found = byteString(answers.get(names)!).split("\0").filter(Boolean);
  return { stat: statAt(answers.get(last)!, 0)!, xattrs: await xattrsOf(pipeline, fd, found) };
}

async function xattrsOf(pipeline: FileSession["pipeline"], fd: number, names: readonly string[]) {
  const list = new CallList();
  pipeline.begin(list);
  const calls = names.map((name) => {
    const index = list.call(numbers.fgetxattr, pointer1, fd, list.text(name), 0, 65536);
    list.answerBuffer(2, 65536);
    for (const errno of [ENODATA, ERANGE]) list.forgive(errno);
    return index;
  });
  const values = new Map((await pipeline.send(list)).map(({ index, bytes }) => [index, bytes]));
  return filterXattrs(
    new Map(names.map((name, i) => [name as ByteString, values.get(calls[i]!) ?? Buffer.alloc(0)])),
  );
}

async function setAttributes(session: FileSession, { fd }: Slot, { stat, xattrs }: FolderAttributes) {
  const list = new CallList();
  session.pipeline.begin(list);
  finish(list, fd, stat);
  for (const { name, value } of xattrs) setXattr(list, fd, name, value);
  await session.pipeline.send(list);
}
