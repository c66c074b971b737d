/**
 * Copies a folder of an image, as its layers show it together, to a folder of ours. The one executor reads, from a
 * mount namespace in which there is nothing but the image, read-only; another one writes, locked up in the target.
 */

import { BrigError } from "../../../base/errors.ts";
import type { HostPath } from "../../../base/ids.ts";
import { TreeArchive } from "../../../image/files/archive.ts";
import { resolveInRoot } from "../../../image/files/resolve.ts";
import { FileSession } from "../../../image/files/side.ts";
import { planLayer } from "../../../image/layers/plan.ts";
import type { ResolvedImage } from "../../../image/store/resolve.ts";
import { blockSize } from "../../../image/tar/block.ts";
import { type ByteString, encodeText } from "../../../image/tar/byte-string.ts";
import { readTar } from "../../../image/tar/read.ts";
import { Executor } from "../../../kernel/executor/executor.ts";
import { endExecutor } from "../../../kernel/executor/pipeline.ts";
import { enterStopped } from "../../enter.ts";
import type { EngineHost } from "../../host.ts";
import { layersOf } from "../../snapshot/layers.ts";
import type { Snapshotter } from "../../snapshot/snapshotter.ts";

export interface ImageFolder {
  readonly image: ResolvedImage;
  readonly snapshots: Snapshotter;
  /** Absolute; links in it are followed inside the image. */
  readonly path: string;
}

/** False when the image has nothing there. Rejects when it has something that is no folder. */
export async function copyFromImage(
  host: EngineHost,
  { image, snapshots, path }: ImageFolder,
  target: HostPath,
): Promise<boolean> {
  const executor = Executor.start({ shim: host.shim });
  try {
    const { slots } = executor;
    const lowest = [slots.slot("file").fd, slots.slot("copy").fd] as const;
    const [root, scratch] = [slots.slot("root"), [slots.slot("scratch"), slots.slot("scratch")] as const];
    const view = { mounts: [], readOnly: true };
    const entered = enterStopped(snapshots.image(host, image), host.facts.kernel, { root, scratch }, view);
    await executor.run(entered);
    const session = new FileSession(executor, lowest);
    const folder = await openFolder(session, root.fd, path);
    if (folder === undefined) return false;
    await write(host, archiveOf(session, folder), target);
    return true;
  } finally {
    await endExecutor(executor);
  }
}

/** The slot of the folder at the path. */
async function openFolder(session: FileSession, root: number, path: string): Promise<number | undefined> {
  const parent = session.slot();
  const request = { root, into: parent, path: encodeText(path), follow: true };
  const found = await resolveInRoot(session.pipeline, request);
  if (found?.stat === undefined) return undefined;
  if (found.stat.kind !== "directory")
    throw new BrigError(
      "invalid",
      `cannot mount a volume at ${path}: it is no directory in the image; choose another path`,
    );
  const into = session.slot();
  await resolveInRoot(session.pipeline, { ...request, into, path: `${request.path}/.` as ByteString });
  return into;
}

async function* archiveOf(session: FileSession, folder: number): AsyncGenerator<Uint8Array> {
  const here = await resolveInRoot(session.pipeline, {
    root: folder,
    into: session.slot(),
    path: encodeText("/"),
  });
  const tree = new TreeArchive(session, session.side(folder), { xattrs: "all" });
  yield* tree.entries({ ...here!, stat: here!.stat! }, ".", ".");
  yield Buffer.alloc(2 * blockSize);
}

async function write(host: EngineHost, archive: AsyncIterable<Uint8Array>, target: HostPath): Promise<void> {
  const { openJail, plan } = layersOf(host);
  const jail = await openJail(target);
  try {
    for await (const batch of planLayer(readTar(archive), plan)) await jail.run(batch);
    await jail.settle();
  } finally {
    await jail.close();
  }
}
