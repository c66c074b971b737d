/** What a container has changed: its root against the folder of its image, both read whole. */

import { existsSync } from "node:fs";
import type { ContainerId } from "../../../base/ids.ts";
import type { Change } from "../../../image/files/changes.ts";
import { type Comparison, compareTrees } from "../../../image/files/compare.ts";
import { TreeReader } from "../../../image/files/reader.ts";
import { FileSession } from "../../../image/files/side.ts";
import type { FileStat } from "../../../image/files/stat.ts";
import type { ResolvedImage } from "../../../image/store/resolve.ts";
import { Executor } from "../../../kernel/executor/executor.ts";
import { endExecutor } from "../../../kernel/executor/pipeline.ts";
import { enterStopped } from "../../enter.ts";
import type { EngineHost } from "../../host.ts";
import { mountPoints } from "../mount-points.ts";
import { rootOf } from "./container.ts";
import { isMerged, mergedFolder } from "./image.ts";

export async function changes(
  host: EngineHost,
  id: ContainerId,
  image: ResolvedImage,
): Promise<readonly Change[]> {
  return (await comparison(host, id, image)).changes;
}

export async function written(host: EngineHost, id: ContainerId, image: ResolvedImage): Promise<number> {
  return (await comparison(host, id, image)).written;
}

async function comparison(host: EngineHost, id: ContainerId, image: ResolvedImage): Promise<Comparison> {
  const path = rootOf(host.roots, id);
  if (!existsSync(path) || !isMerged(host, image)) return { changes: [], written: 0 };
  const executor = Executor.start({ shim: host.shim });
  try {
    const { slots } = executor;
    const lowest = [slots.slot("file").fd, slots.slot("copy").fd] as const;
    const [root, own] = [slots.slot("root"), slots.slot("root of the container")];
    await executor.run(
      enterStopped(
        { kind: "directory", path: mergedFolder(host, image) },
        host.facts.kernel,
        { root, scratch: [slots.slot("scratch"), slots.slot("scratch")], outside: { path, slot: own } },
        { mounts: [], readOnly: true },
      ),
    );
    const session = new FileSession(executor, lowest);
    const reader = (top: number) => new TreeReader(session.pipeline, session.side(top));
    return await compareTrees(reader(own.fd), reader(root.fd), isMountPoint);
  } finally {
    await endExecutor(executor);
  }
}

const directories: ReadonlySet<string> = new Set(mountPoints.directories);
const files: ReadonlySet<string> = new Set(mountPoints.files);

function isMountPoint(path: string, { kind, size }: FileStat): boolean {
  return kind === "directory" ? directories.has(path) : kind === "file" && size === 0 && files.has(path);
}
