/**
 * A session among the files of a container, running or not. For as long as it lasts nobody starts the container, whose
 * overlay must not be mounted twice; sessions of one container wait for each other.
 *
 * The executor is this process's own, so that a folder of the caller's is on its other side. A running container's
 * first process is entered by a pidfd, and its shim, whose child it is, tells afterwards that its pid was still its.
 */

import { join } from "node:path";
import { BrigError } from "../../../base/errors.ts";
import type { HostPath } from "../../../base/ids.ts";
import type { Owner } from "../../../image/files/extract.ts";
import { FileSession } from "../../../image/files/side.ts";
import { Executor } from "../../../kernel/executor/executor.ts";
import { KernelFailure } from "../../../kernel/executor/failure.ts";
import { endExecutor } from "../../../kernel/executor/pipeline.ts";
import { hostFiles } from "../../../kernel/host.ts";
import { ProgramBuilder } from "../../../kernel/program/builder.ts";
import { ShimClient } from "../../../kernel/shim/client.ts";
import { socketName } from "../../../kernel/shim/wire.ts";
import { type EnterSlots, enterRunning, enterStopped, type FileMount } from "../../enter.ts";
import type { EngineHost } from "../../host.ts";
import type { IdRange } from "../../ids/range.ts";
import { findImage } from "../../image/find.ts";
import { paths } from "../../roots.ts";
import { snapshotterOf } from "../../snapshot/snapshotters.ts";
import { lock } from "../../store/lock.ts";
import { type MountOrigins, mountOrigins } from "../mount-origins.ts";
import { unmountVolumes } from "../mounted-volumes.ts";
import { configOf } from "../plan.ts";
import { type ContainerRecord, isLive } from "../records.ts";
import { makeSources } from "../sources.ts";
import { steady } from "../steady.ts";
import { awaitEnd } from "../wait.ts";
import { openHostFolder } from "./host-folder.ts";
import { filesLock } from "./lock.ts";

export interface OpenFiles extends AsyncDisposable {
  readonly session: FileSession;
  /** The container as the user called it, for messages. */
  readonly called: string;
  /** The slot of the container's root. */
  readonly root: number;
  /** The folder of the host that was asked for: in the same session, where that has rights on both sides. */
  readonly outside: { readonly session: FileSession; readonly folder: number };
  /** Whose in the container is what was somebody's elsewhere: whom it has no id for is its root there. */
  readonly owner: (owner: Owner) => Owner;
  /** Whose a file is for the container: nobody's, where it has no id for its owner. */
  readonly seen: (owner: Owner) => Owner;
}

/** user_namespaces(7); the kernel's own default, which hardly anybody changes. */
const nobody = 65_534;

export interface OpenOptions {
  /** A folder of the host, to be opened as well. */
  readonly outside?: HostPath;
  /** As the user wrote it. */
  readonly called: string;
  /** Without it the container's volumes, binds and file systems in memory are not seen. */
  readonly mounts: boolean;
}

export async function openFiles(
  host: EngineHost,
  container: Pick<ContainerRecord, "id">,
  options: OpenOptions,
): Promise<OpenFiles> {
  for (;;)
    try {
      return await openedNow(host, container, options);
    } catch (error) {
      if (!(error instanceof BrigError && error.code === justEnded)) throw error;
      // As soon as that is recorded its files are those of a container that does not run.
      await awaitEnd(host, container.id);
    }
}

async function openedNow(
  host: EngineHost,
  { id }: Pick<ContainerRecord, "id">,
  options: OpenOptions,
): Promise<OpenFiles> {
  await using stack = new AsyncDisposableStack();
  stack.use(await lock(host, filesLock(id), Number.POSITIVE_INFINITY));
  const record = await steady(host, id);
  if (!record || record.state === "removing") throw removed(options.called);
  stack.defer(() => unmountVolumes(host, record.spec));
  const executor = Executor.start({ shim: host.shim });
  stack.defer(() => endExecutor(executor));
  const { slots } = executor;
  // The lowest slots: open(2) returns those very fds, and nothing has to be moved.
  const lowest = [slots.slot("file").fd, slots.slot("copy").fd] as const;
  const [root, outside] = [slots.slot("root"), slots.slot("outside")];
  const entered: EnterSlots = {
    root,
    scratch: [slots.slot("scratch"), slots.slot("scratch")],
    tree: slots.slot("tree"),
    ...(options.outside === undefined ? {} : { outside: { path: options.outside, slot: outside } }),
  };
  const session = new FileSession(executor, lowest);
  const { ids } = record;
  // As root of a user namespace it would have no rights outside.
  const apart = isLive(record) && ids !== undefined ? options.outside : undefined;
  const { outside: _, ...alone } = entered;
  if (isLive(record)) await joinRunning(host, record, executor, apart ? alone : entered, options);
  else await mountStopped(host, record, executor, entered, options);
  const beside = apart ? stack.use(await openHostFolder(host.shim, apart)) : { session, folder: outside.fd };
  const kept = stack.move();
  return {
    session,
    called: options.called,
    root: root.fd,
    outside: beside,
    owner: ({ uid, gid }) => ({ uid: known(uid, ids, 0), gid: known(gid, ids, 0) }),
    seen: ({ uid, gid }) => ({ uid: known(uid, ids, nobody), gid: known(gid, ids, nobody) }),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

function known(id: number, ids: IdRange | undefined, otherwise: number): number {
  return ids === undefined || id < ids.size ? id : otherwise;
}

async function joinRunning(
  host: EngineHost,
  record: ContainerRecord,
  executor: Executor,
  slots: EnterSlots,
  { mounts }: OpenOptions,
): Promise<void> {
  if (record.spec.runtime !== undefined)
    throw new BrigError(
      "unsupported",
      `cannot reach the files of container ${record.name} while it runs in another runtime; stop it first`,
    );
  const process = executor.slots.slot("container");
  const p = new ProgramBuilder();
  p.call("open the container's first process", "pidfd_open", [record.pid ?? -1, 0], { slot: process });
  const run = (instructions: Parameters<Executor["run"]>[0]) =>
    executor.run(instructions).catch((error: unknown) => {
      throw error instanceof KernelFailure && error.errno === "ESRCH" ? ended(record) : error;
    });
  await run(p.instructions);
  // A pid that its parent, the shim, has not buried since was nobody else's when it was opened.
  const client = await ShimClient.connect(join(paths.run(host.roots, record.id), socketName));
  try {
    const state = await client.status();
    if (state.ended || state.pid !== record.pid) throw ended(record);
  } finally {
    client.close();
  }
  const view = mounts ? "with mounts" : "root alone";
  await run(enterRunning(process, slots, { view, users: record.ids !== undefined }));
}

async function mountStopped(
  host: EngineHost,
  record: ContainerRecord,
  executor: Executor,
  slots: EnterSlots,
  options: OpenOptions,
): Promise<void> {
  const { image } = findImage(host, record.imageId);
  const { id, spec, started } = record;
  const snapshots = await snapshotterOf(record.driver);
  await snapshots.prepare(host, image);
  await snapshots.make(host, id, image, { brief: spec.autoRemove === true });
  const isFirst = started === undefined;
  if (options.mounts) await makeSources(host, { id, spec, image, snapshots, isFirst });
  const source = snapshots.root(host, id, image);
  const mounts = options.mounts ? fileMounts(host, record, mountOrigins(host, id, spec, snapshots)) : [];
  const view = { mounts, readOnly: record.spec.readOnly ?? false };
  await executor.run(enterStopped(source, host.facts.kernel, { ...slots, more: executor.slots }, view));
}

/** Binds and volumes that are there; what is in memory is empty while it does not run. */
function fileMounts(host: EngineHost, record: ContainerRecord, origins: MountOrigins): readonly FileMount[] {
  const { image } = findImage(host, record.imageId);
  const { mounts = [] } = configOf(host, { ...record, image }, () => 0);
  return mounts.flatMap(({ source, destination: target, type, options = [] }): readonly FileMount[] => {
    const origin = origins.get(target);
    const readOnly = options.includes("ro");
    if (origin) return [{ source: origin, target, kind: "directory", recursive: true, readOnly }];
    const isDirectory = type === "bind" && source ? hostFiles.isDirectory(source) : undefined;
    if (isDirectory === undefined) return [];
    return [
      {
        source: source!,
        target,
        kind: isDirectory ? "directory" : "file",
        recursive: options.includes("rbind"),
        readOnly,
        ...(record.ids && !options.includes("idmap") ? { ids: record.ids } : {}),
      },
    ];
  });
}

function removed(id: string): BrigError {
  return new BrigError("not-found", `No such container: ${id}`, { code: "no-such-container" });
}

const justEnded = "just-ended";

function ended({ name }: ContainerRecord): BrigError {
  return new BrigError(
    "conflict",
    `cannot reach the files of container ${name}: it has just ended; try again`,
    { code: justEnded },
  );
}
