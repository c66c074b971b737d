/** What takes the space, as `docker system df` is told (Engine API, SystemDataUsage). */

import type { ContainerEngine } from "../../engine/container-engine.ts";
import type { UsageKind } from "../../engine/disk-usage.ts";
import type { ImageDetails } from "../../engine/image/list.ts";
import { containerSummary } from "../inspect/container-summary.ts";
import { imageSummary } from "../inspect/image-summary.ts";
import { volumeJson } from "../inspect/volume.ts";
import type { UsageDocument } from "./documents.ts";
import { imageDetails } from "./image-details.ts";

/** Of the kinds that are asked for; the others are null. `now` in milliseconds since 1970. */
export async function usageDocument(
  engine: ContainerEngine,
  kinds: readonly UsageKind[],
  now: number,
): Promise<UsageDocument> {
  const { layersSize, images, containers, volumes } = await engine.diskUsage(kinds);
  const details = new Map<string, ImageDetails | undefined>();
  for (const id of [...images.map((image) => image.id), ...containers.map(({ imageId }) => imageId)])
    if (!details.has(id)) details.set(id, await imageDetails(engine, id));
  const ifAsked = <T>(kind: UsageKind, list: readonly T[]) => (kinds.includes(kind) ? list : null);
  return {
    LayersSize: layersSize,
    Images: ifAsked(
      "images",
      images.flatMap((image) => {
        const found = details.get(image.id);
        const { shared: SharedSize, containers: Containers } = image;
        return found ? [{ ...imageSummary(image, found), SharedSize, Containers }] : [];
      }),
    ),
    Containers: ifAsked(
      "containers",
      containers.map((container) => {
        const { imageId, size } = container;
        return containerSummary(container, details.get(imageId)?.config, { now, size });
      }),
    ),
    Volumes: ifAsked(
      "volumes",
      volumes.map((volume) => ({
        ...volumeJson(volume),
        UsageData: { RefCount: volume.containers, Size: volume.size },
      })),
    ),
    // Nothing is built yet.
    BuildCache: null,
  };
}
