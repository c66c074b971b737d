/** Of an image that may have been removed since somebody has told of it: undefined then. */

import { BrigError } from "../../base/errors.ts";
import type { ContainerEngine } from "../../engine/container-engine.ts";
import type { ImageDetails } from "../../engine/image/list.ts";

export async function imageDetails(engine: ContainerEngine, id: string): Promise<ImageDetails | undefined> {
  try {
    return await engine.inspectImage(id);
  } catch (error) {
    if (error instanceof BrigError && error.kind === "not-found") return undefined;
    throw error;
  }
}
