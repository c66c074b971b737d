/** `diff`: what a container has changed of its image, running or not. */

import type { Change } from "../../../image/files/changes.ts";
import type { EngineHost } from "../../host.ts";
import { findImage } from "../../image/find.ts";
import { snapshotterOf } from "../../snapshot/snapshotters.ts";
import type { ContainerRecord } from "../records.ts";

export type { Change } from "../../../image/files/changes.ts";

export async function containerChanges(
  host: EngineHost,
  { id, imageId, driver }: ContainerRecord,
): Promise<readonly Change[]> {
  const { image } = findImage(host, imageId);
  const snapshots = await snapshotterOf(driver);
  await snapshots.prepare(host, image);
  return snapshots.changes(host, id, image);
}
