/** `network prune`: those that somebody has made and that no container is in. There are none yet. */

import { tellOfPrune } from "../events/prune.ts";
import type { EngineHost } from "../host.ts";
import type { Pruned, PruneQuery } from "./query.ts";

export async function pruneNetworks(host: EngineHost, _query: PruneQuery): Promise<Pruned> {
  tellOfPrune(host, "network", 0);
  return { removed: [], reclaimed: 0 };
}
