/** How much a container has written, and how much it sees: what `ps --size` and `inspect --size` tell. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { BrigError } from "../../base/errors.ts";
import type { HostPath } from "../../base/ids.ts";
import { treeSize } from "../../image/files/measure.ts";
import type { EngineHost } from "../host.ts";
import { findImage } from "../image/find.ts";
import { unpackedSize } from "../image/size.ts";
import { paths } from "../roots.ts";
import type { ContainerRecord } from "./records.ts";

/** Bytes. */
export interface ContainerSize {
  /** In its own layer. */
  readonly written: number;
  /** With the layers of its image. */
  readonly root: number;
}

export async function sizeOf(host: EngineHost, { id, imageId }: ContainerRecord): Promise<ContainerSize> {
  const upper = join(paths.container(host.roots, id), "upper") as HostPath;
  const written = existsSync(upper) ? await treeSize(host.shim, upper) : 0;
  return { written, root: written + imageSize(host, imageId) };
}

/** Of one that is gone nobody knows. */
function imageSize(host: EngineHost, imageId: string): number {
  try {
    return unpackedSize(host, findImage(host, imageId).image);
  } catch (error) {
    if (error instanceof BrigError && error.kind === "not-found") return 0;
    throw error;
  }
}
