/**
 * Removing a volume: it first loses its name, while no container can be made that has it, and then its files. What a
 * killed brig leaves of it the next removal takes away.
 */

import { existsSync, renameSync } from "node:fs";
import { BrigError } from "../../base/errors.ts";
import { removeTree } from "../../image/layers/session-tree.ts";
import { completeCopy, throwAwayDrafts } from "../container/fill/volume.ts";
import { recordVolume } from "../events/volume.ts";
import type { EngineHost } from "../host.ts";
import { optionsOf, unmountVolume } from "../local/mount.ts";
import { paths } from "../roots.ts";
import { lock } from "../store/lock.ts";
import { volumeUsers } from "./users.ts";
import { findVolume, folders } from "./volume.ts";

export async function removeVolume(host: EngineHost, name: string): Promise<void> {
  findVolume(host, name);
  const { database, roots } = host;
  const used = () => volumeUsers(database, name).length > 0;
  if (optionsOf(host, name)) await unmountVolume(host, name, used);
  const removed = () => paths.volume(roots, `${gone}${Buffer.from(host.random(8)).toString("hex")}`);
  database.transaction(() => {
    const users = volumeUsers(database, name);
    if (users.length > 0)
      throw new BrigError("conflict", `cannot remove ${name}: volume is in use - [${users.join(", ")}]`, {
        code: "volume-in-use",
      });
    database.run("DELETE FROM volume WHERE name = ?", name);
    // Inside: a container that is made after this finds no such volume, and makes a new one.
    for (const folder of [paths.volume(roots, name), completeCopy(roots, name)])
      if (existsSync(folder)) renameSync(folder, removed());
    recordVolume(host, "destroy", name);
  });
  await throwAwayDrafts(host, name);
  await removeNameless(host);
}

/** Takes away what has lost its name. Removals wait for each other, so that whoever looks sees that somebody is at it. */
export async function removeNameless(host: EngineHost): Promise<void> {
  using _ = await lock(host, removals, Number.POSITIVE_INFINITY);
  for (const each of namelessVolumes(host)) await removeTree(host.shim, paths.volume(host.roots, each));
}

export const removals = "removal of volumes";

export function namelessVolumes(host: Pick<EngineHost, "roots">): readonly string[] {
  return folders(host).filter((name) => name.startsWith(gone));
}

/** What is called so is no volume any more. */
const gone = ".removed-";
