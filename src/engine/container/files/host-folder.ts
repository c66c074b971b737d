/** A session of its own for a folder of the host: what goes in there has been shaped by somebody else. */

import type { HostPath } from "../../../base/ids.ts";
import type { FoundFile } from "../../../image/files/reader.ts";
import { resolveInRoot } from "../../../image/files/resolve.ts";
import { FileSession } from "../../../image/files/side.ts";
import { encodeText } from "../../../image/tar/byte-string.ts";
import { Executor } from "../../../kernel/executor/executor.ts";
import { endExecutor } from "../../../kernel/executor/pipeline.ts";
import { enterHost } from "../../enter.ts";

export interface HostFolder extends AsyncDisposable {
  readonly session: FileSession;
  /** Its slot. */
  readonly folder: number;
}

export async function openHostFolder(shim: HostPath, path: HostPath): Promise<HostFolder> {
  await using stack = new AsyncDisposableStack();
  const executor = Executor.start({ shim });
  stack.defer(() => endExecutor(executor));
  const { slots } = executor;
  const lowest = [slots.slot("file").fd, slots.slot("copy").fd] as const;
  const slot = slots.slot("outside");
  await executor.run(enterHost({ path, slot }, { privileged: process.geteuid?.() === 0 }));
  const kept = stack.move();
  return {
    session: new FileSession(executor, lowest),
    folder: slot.fd,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** What is called so in the folder, which has been looked at before. */
export async function hostFile(
  session: FileSession,
  root: number,
  name: string,
): Promise<FoundFile & { readonly folder: number }> {
  const folder = session.slot();
  const path = encodeText(`/${name}`);
  const found = await resolveInRoot(session.pipeline, { root, into: folder, path });
  if (found?.stat === undefined) throw new Error(`${name} has just gone`);
  return { ...found, stat: found.stat, folder };
}
