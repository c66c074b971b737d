/** `volume prune`: anonymous volumes, or all, that no container has. */

import { tellOfPrune } from "../events/prune.ts";
import type { EngineHost } from "../host.ts";
import { removeVolume } from "../volume/remove.ts";
import { volumeSize } from "../volume/size.ts";
import { volumeUsers } from "../volume/users.ts";
import { isAnonymous, listVolumes } from "../volume/volume.ts";
import { attempt } from "./attempt.ts";
import { type Pruned, type PruneQuery, wants } from "./query.ts";

export interface VolumePruneQuery extends Omit<PruneQuery, "until"> {
  /** Also those that somebody has given a name. */
  readonly all?: boolean;
}

export async function pruneVolumes(
  host: EngineHost,
  { all = false, ...query }: VolumePruneQuery,
): Promise<Pruned> {
  const removed: string[] = [];
  let reclaimed = 0;
  for (const volume of listVolumes(host)) {
    const { name } = volume;
    if ((!all && !isAnonymous(volume)) || !wants(query, volume)) continue;
    if (volumeUsers(host.database, name).length > 0) continue;
    const gone = await attempt(async () => {
      const size = await volumeSize(host, name);
      await removeVolume(host, name);
      return size;
    });
    if (!gone) continue;
    removed.push(name);
    reclaimed += gone.result;
  }
  tellOfPrune(host, "volume", reclaimed);
  return { removed, reclaimed };
}
