/**
 * Removing a volume: it first loses its name, while no container can be made that has it, and then its files. What a
 * killed brig leaves of it the next removal takes away.
 */

import { existsSync, renameSync } from "node:fs";
import { BrigError } from "../../base/errors.ts";
import { removeTree } from "../../image/layers/session-tree.ts";
import type { EngineHost } from "../host.ts";
import { paths } from "../roots.ts";
import { volumeUsers } from "./users.ts";
import { findVolume, folders, isName } from "./volume.ts";

export async function removeVolume(host: EngineHost, name: string): Promise<void> {
  findVolume(host, name);
  const { database, roots } = host;
  const folder = paths.volume(roots, name);
  const removed = paths.volume(roots, `.removed-${Buffer.from(host.random(8)).toString("hex")}`);
  database.transaction(() => {
    const users = volumeUsers(database, name);
    if (users.length > 0)
      throw new BrigError("conflict", `cannot remove ${name}: volume is in use - [${users.join(", ")}]`, {
        code: "volume-in-use",
      });
    database.run("DELETE FROM volume WHERE name = ?", name);
    // Inside: a container that is made after this finds no such volume, and makes a new one.
    if (existsSync(folder)) renameSync(folder, removed);
  });
  for (const name of folders(host)) if (!isName(name)) await removeTree(host.shim, paths.volume(roots, name));
}
