/** `diff`: what a container has changed of its image. Its overlay is not mounted for it, so that it may run. */

import { join } from "node:path";
import type { HostPath } from "../../../base/ids.ts";
import { type Change, changesOf } from "../../../image/files/changes.ts";
import { FileSession } from "../../../image/files/side.ts";
import { Executor } from "../../../kernel/executor/executor.ts";
import { endExecutor } from "../../../kernel/executor/pipeline.ts";
import type { EngineHost } from "../../host.ts";
import { findImage, unpackImage } from "../../image/find.ts";
import { paths } from "../../roots.ts";
import type { ContainerRecord } from "../records.ts";
import { makeSnapshot, overlayOf } from "../snapshot.ts";
import { enterStopped } from "./enter.ts";

export type { Change } from "../../../image/files/changes.ts";

export async function containerChanges(
  host: EngineHost,
  { id, imageId }: ContainerRecord,
): Promise<readonly Change[]> {
  const { image } = findImage(host, imageId);
  await unpackImage(host, image);
  makeSnapshot(host.roots, id);
  const { written: _, ...lower } = overlayOf(host.roots, id, image.config.rootfs.diff_ids);
  const executor = Executor.start({ shim: host.shim });
  try {
    const { slots } = executor;
    const lowest = [slots.slot("file").fd, slots.slot("copy").fd] as const;
    const [root, upper] = [slots.slot("root"), slots.slot("upper")];
    const path = join(paths.container(host.roots, id), "upper") as HostPath;
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
