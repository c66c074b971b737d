/** Which volumes with options of their driver the containers have, and taking off the host those that none has any more. */

import { messageOf } from "../../base/errors.ts";
import type { EngineHost } from "../host.ts";
import { isLive, listContainers } from "./records.ts";
import type { ContainerSpec } from "./spec.ts";
import { mountsVolume } from "./volumes.ts";

/** After its end, or the end of a look into its files. Rarely there is one. */
export async function unmountVolumes(host: EngineHost, { mounts = [] }: ContainerSpec): Promise<void> {
  const named = mounts.flatMap((mount) => (mount.kind === "volume" && mount.name ? [mount.name] : []));
  if (named.length > 0) await unmountUnused(host, (name) => named.includes(name));
}

/** Told where it does not work: whatever else there is to be done goes on. */
export async function unmountUnused(host: EngineHost, which: (name: string) => boolean): Promise<void> {
  for (const name of volumesWithOptions(host).filter(which)) {
    const { unmountVolume } = await import("../local/mount.ts");
    await unmountVolume(host, name, () => isInUse(host, name)).catch((error) =>
      host.warn(`cannot take the volume ${name} off the host: ${messageOf(error)}; try brig system release`),
    );
  }
}

/** Names of those that are mounted while somebody has them. */
export function volumesWithOptions({ database }: Pick<EngineHost, "database">): readonly string[] {
  return database.all("SELECT name FROM volume WHERE options <> '{}'").map((row) => String(row.name));
}

/** Whether a container that runs has it. */
export function isInUse({ database }: Pick<EngineHost, "database">, name: string): boolean {
  return listContainers(database).some((record) => isLive(record) && mountsVolume(record.spec, name));
}

/** Whether the volume is what options of the local driver mount there; of some that are said and not stored yet, too. */
export function hasOptions(
  { database }: Pick<EngineHost, "database">,
  name: string,
  said: Readonly<Record<string, string>> = {},
): boolean {
  if (Object.keys(said).length > 0) return true;
  return database.get("SELECT 1 FROM volume WHERE name = ? AND options <> '{}'", name) !== undefined;
}
