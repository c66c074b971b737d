/** `container prune`: those that do not run. */

import { BrigError } from "../../base/errors.ts";
import { type ContainerRecord, listContainers } from "../container/records.ts";
import { removeContainer } from "../container/remove-container.ts";
import { sizeOf } from "../container/size.ts";
import { tellOfPrune } from "../events/prune.ts";
import type { EngineHost } from "../host.ts";
import { findImage } from "../image/find.ts";
import { attempt } from "./attempt.ts";
import { type Pruned, type PruneQuery, wants } from "./query.ts";

export interface ContainerPruneQuery extends PruneQuery {
  /** As for the removal of one. */
  readonly release?: boolean;
}

export async function pruneContainers(
  host: EngineHost,
  { release = false, ...query }: ContainerPruneQuery,
): Promise<Pruned> {
  const removed: string[] = [];
  let reclaimed = 0;
  for (const record of listContainers(host.database, ["created", "exited"])) {
    const { created } = record;
    if (!wants(query, { created, labels: { ...imageLabels(host, record), ...record.spec.labels } })) continue;
    const gone = await attempt(async () => {
      const { written } = await sizeOf(host, record);
      await removeContainer(host, record, { release });
      return written;
    });
    if (!gone) continue;
    removed.push(record.id);
    reclaimed += gone.result;
  }
  tellOfPrune(host, "container", reclaimed);
  return { removed, reclaimed };
}

/** A container has those of its image as well, while that is there. */
function imageLabels(host: EngineHost, { imageId }: ContainerRecord): Readonly<Record<string, string>> {
  try {
    return findImage(host, imageId).image.config.config?.Labels ?? {};
  } catch (error) {
    if (error instanceof BrigError && error.kind === "not-found") return {};
    throw error;
  }
}
