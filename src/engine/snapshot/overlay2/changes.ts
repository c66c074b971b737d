/** What is in the container's own layer. Its overlay is not mounted for it, so that it may run. */

import { existsSync } from "node:fs";
import type { ContainerId } from "../../../base/ids.ts";
import { type Change, changesOf } from "../../../image/files/changes.ts";
import { treeSize } from "../../../image/files/measure.ts";
import { FileSession } from "../../../image/files/side.ts";
import type { ResolvedImage } from "../../../image/store/resolve.ts";
import { Executor } from "../../../kernel/executor/executor.ts";
import { endExecutor } from "../../../kernel/executor/pipeline.ts";
import { enterStopped } from "../../enter.ts";
import type { EngineHost } from "../../host.ts";
import { overlayOf, upperOf } from "./container.ts";

export async function changes(
  host: EngineHost,
  id: ContainerId,
  image: ResolvedImage,
): Promise<readonly Change[]> {
  const path = upperOf(host.roots, id);
  if (!existsSync(path)) return [];
  const { written: _, ...lower } = overlayOf(host.roots, id, image);
  const executor = Executor.start({ shim: host.shim });
  try {
    const { slots } = executor;
    const lowest = [slots.slot("file").fd, slots.slot("copy").fd] as const;
    const [root, upper] = [slots.slot("root"), slots.slot("upper")];
    await executor.run(
      enterStopped(
        lower,
        host.facts.kernel,
        { root, scratch: [slots.slot("scratch"), slots.slot("scratch")], outside: { path, slot: upper } },
        { mounts: [], readOnly: true, overlay: true },
      ),
    );
    const session = new FileSession(executor, lowest);
    return await changesOf(session.pipeline, session.side(upper.fd), session.side(root.fd));
  } finally {
    await endExecutor(executor);
  }
}

export async function written(host: EngineHost, id: ContainerId): Promise<number> {
  const upper = upperOf(host.roots, id);
  return existsSync(upper) ? await treeSize(host.shim, upper) : 0;
}
