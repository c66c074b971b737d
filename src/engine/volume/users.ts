/** Which containers have a volume, in whatever state they are. */

import type { ContainerId } from "../../base/ids.ts";
import { listContainers } from "../container/records.ts";
import { mountsVolume } from "../container/volumes.ts";
import type { Database } from "../store/database.ts";

/** The newest first. An anonymous volume belongs to the container whose id its name begins with. */
export function volumeUsers(database: Database, name: string): readonly ContainerId[] {
  return listContainers(database)
    .filter(({ id, spec }) => name.startsWith(`${id}-`) || mountsVolume(spec, name))
    .map(({ id }) => id);
}
