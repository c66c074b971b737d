/** An image as lists show it (Engine API, ImageSummary). */

import type { ImageInfo } from "../../engine/container/info.ts";
import type { ImageDetails } from "../../engine/image/list.ts";
import { imageJson } from "./image.ts";

/** `containers` is how many have it. */
export function imageSummary(
  { id, names, created, size }: ImageInfo,
  details: ImageDetails,
  containers = -1,
) {
  const { RepoDigests } = imageJson(details);
  return {
    Id: id,
    ParentId: "",
    RepoTags: names,
    RepoDigests,
    Created: Math.floor(created / 1000),
    Size: size,
    SharedSize: -1,
    Labels: details.config.config?.Labels ?? null,
    Containers: containers,
  };
}
