/** `image prune`: images without a name, or all, that no container has. */

import { mountsImage } from "../container/mount-origins.ts";
import { listContainers } from "../container/records.ts";
import { tellOfPrune } from "../events/prune.ts";
import type { EngineHost } from "../host.ts";
import { layersSize } from "../image/layer-sizes.ts";
import { imageDetails, listImageInfos } from "../image/list.ts";
import { type Removal, removeImage } from "../image/removal.ts";
import { attempt } from "./attempt.ts";
import { type PruneQuery, wants } from "./query.ts";

export interface ImagePruneQuery extends PruneQuery {
  /** Also those that have names. */
  readonly all?: boolean;
}

export interface PrunedImages {
  readonly removed: readonly Removal[];
  /** Bytes of layers that no image has any more. */
  readonly reclaimed: number;
}

export async function pruneImages(
  host: EngineHost,
  { all = false, ...query }: ImagePruneQuery,
): Promise<PrunedImages> {
  const before = layersSize(host);
  const users = (imageId: string) =>
    listContainers(host.database).filter(
      ({ imageId: own, spec }) => own === imageId || mountsImage(spec, imageId),
    );
  const removed: Removal[] = [];
  for (const { id, names, created } of listImageInfos(host)) {
    if ((!all && names.length > 0) || users(id).length > 0) continue;
    const labels = imageDetails(host, id).config.config?.Labels ?? {};
    if (!wants(query, { created, labels })) continue;
    for (const reference of names.length > 0 ? names : [id]) {
      const gone = await attempt(() => removeImage(host, reference, { force: false, users }));
      removed.push(...(gone?.result ?? []));
    }
  }
  const reclaimed = Math.max(0, before - layersSize(host));
  tellOfPrune(host, "image", reclaimed);
  return { removed, reclaimed };
}
