/** How much a container has written, and how much it sees: what `ps --size` and `inspect --size` tell. */

import { BrigError } from "../../base/errors.ts";
import type { ResolvedImage } from "../../image/store/resolve.ts";
import type { EngineHost } from "../host.ts";
import { findImage } from "../image/find.ts";
import { unpackedSize } from "../image/size.ts";
import { snapshotterOf } from "../snapshot/snapshotters.ts";
import type { ContainerRecord } from "./records.ts";

/** Bytes. */
export interface ContainerSize {
  /** In what it has changed. */
  readonly written: number;
  /** With the layers of its image. */
  readonly root: number;
}

export async function sizeOf(
  host: EngineHost,
  { id, imageId, driver }: ContainerRecord,
): Promise<ContainerSize> {
  const image = imageOf(host, imageId);
  // Of an image that is gone nobody knows.
  if (image === undefined) return { written: 0, root: 0 };
  const snapshots = await snapshotterOf(driver);
  const written = await snapshots.written(host, id, image);
  return { written, root: written + unpackedSize(host, image) };
}

function imageOf(host: EngineHost, imageId: string): ResolvedImage | undefined {
  try {
    return findImage(host, imageId).image;
  } catch (error) {
    if (error instanceof BrigError && error.kind === "not-found") return undefined;
    throw error;
  }
}
