/**
 * A container's root as a copy of its image, in `<root>/containers/ID/root`.
 *
 * The copy is made in a folder that names the process at work on it (`image/layers/temporary.ts`), and gets its place when
 * it is complete and on the disk: what is interrupted belongs to no container, and whoever puts that container right,
 * makes the next copy or removes an image throws it away.
 */

import { existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { BrigError } from "../../../base/errors.ts";
import type { ContainerId, HostPath } from "../../../base/ids.ts";
import { TreeCopy } from "../../../image/files/copy.ts";
import { resolveInRoot } from "../../../image/files/resolve.ts";
import { FileSession } from "../../../image/files/side.ts";
import { removeTree } from "../../../image/layers/session-tree.ts";
import { makeTemporary, takeAbandoned } from "../../../image/layers/temporary.ts";
import type { ResolvedImage } from "../../../image/store/resolve.ts";
import { encodeText } from "../../../image/tar/byte-string.ts";
import { Executor } from "../../../kernel/executor/executor.ts";
import { endExecutor } from "../../../kernel/executor/pipeline.ts";
import { CallList, callNumbers } from "../../../kernel/program/call-list.ts";
import { enterStopped } from "../../enter.ts";
import type { EngineHost } from "../../host.ts";
import { paths, type Roots } from "../../roots.ts";
import type { MakeOptions } from "../snapshotter.ts";
import { mergedFolder, mergedStore } from "./image.ts";

export function rootOf(roots: Roots, id: ContainerId): HostPath {
  return join(paths.container(roots, id), "root") as HostPath;
}

export async function makeContainer(
  host: EngineHost,
  id: ContainerId,
  image: ResolvedImage,
  { brief }: MakeOptions,
): Promise<void> {
  const root = rootOf(host.roots, id);
  // For root alone: what images and containers have there may be set-user-id.
  mkdirSync(paths.container(host.roots, id), { recursive: true, mode: 0o700 });
  if (existsSync(root)) return;
  const draft = await makeTemporary(mergedStore(host));
  try {
    await copyTree(host, mergedFolder(host, image), draft, !brief);
    renameSync(draft, root);
  } catch (error) {
    await removeTree(host.shim, draft).catch(() => {}); // what is left is collected later
    throw error instanceof BrigError
      ? new BrigError(error.kind, `cannot copy the image for the container: ${error.message}`, {
          cause: error,
        })
      : error;
  }
}

export async function discardDrafts(host: EngineHost): Promise<void> {
  for (const left of takeAbandoned(mergedStore(host))) await removeTree(host.shim, left);
}

const numbers = callNumbers("syncfs");

/** The executor sees nothing but the source, read-only, and has the target open. */
async function copyTree(host: EngineHost, from: HostPath, to: HostPath, durable: boolean): Promise<void> {
  const executor = Executor.start({ shim: host.shim });
  try {
    const { slots } = executor;
    const lowest = [slots.slot("file").fd, slots.slot("copy").fd] as const;
    const [root, target] = [slots.slot("root"), slots.slot("copy of the image")];
    const entered = {
      root,
      scratch: [slots.slot("scratch"), slots.slot("scratch")],
      outside: { path: to, slot: target },
    } as const;
    const view = { mounts: [], readOnly: true };
    await executor.run(enterStopped({ kind: "directory", path: from }, host.facts.kernel, entered, view));
    const session = new FileSession(executor, lowest);
    const top = await resolveInRoot(session.pipeline, {
      root: root.fd,
      into: session.slot(),
      path: encodeText("/"),
    });
    const owner = ({ uid, gid }: { readonly uid: number; readonly gid: number }) => ({ uid, gid });
    const copy = new TreeCopy(session, session.side(root.fd), session.side(target.fd), {
      owner,
      shifting: false,
      exact: true,
    });
    await copy.everything(top!.stat!);
    if (durable) await synchronize(session, target.fd);
  } finally {
    await endExecutor(executor);
  }
}

async function synchronize({ pipeline }: FileSession, folder: number): Promise<void> {
  const list = new CallList();
  pipeline.begin(list);
  list.call(numbers.syncfs, 0, folder);
  await pipeline.send(list);
}
