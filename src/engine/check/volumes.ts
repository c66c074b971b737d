/**
 * Volumes: rows without a folder, and what was to become one, or was one. A folder without a row is a volume like any
 * other, and one that a removed container has made stays until somebody removes it, as with Docker.
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { copyOf, fillLock, fillVolume } from "../container/fill/volume.ts";
import { makePrivate } from "../host.ts";
import { makePublicDirectory } from "../public-files.ts";
import { paths } from "../roots.ts";
import { isLocked } from "../store/lock.ts";
import { namelessVolumes, removals, removeNameless } from "../volume/remove.ts";
import { folders } from "../volume/volume.ts";
import { check, type Finding, repair } from "./finding.ts";

type Data = { readonly kind: "lost" | "half"; readonly name: string } | { readonly kind: "removed" };

export const volumes = check<Data>({
  find: (host) => {
    const { database, roots } = host;
    const found = folders(host);
    const lost = database
      .all("SELECT name FROM volume")
      .map((row) => String(row.name))
      .filter((name) => !existsSync(paths.volume(roots, name)));
    const half = found.filter((each) => {
      const name = copyOf(each);
      return name !== undefined && !isLocked(host, fillLock(name));
    });
    const removed = isLocked(host, removals) ? [] : namelessVolumes(host);
    return [
      ...lost.map(
        (name): Finding<Data> => ({
          what: "volume",
          where: name,
          why: "its folder is gone, with what it had",
          remedy: repair("makes it an empty one"),
          data: { kind: "lost", name },
        }),
      ),
      ...half.map(
        (each): Finding<Data> => ({
          what: "copy",
          where: join(paths.volumes(roots), each),
          why: `it was to become the volume ${copyOf(each)}, and whoever made it is gone`,
          remedy: repair("brings it to its place if it is complete, and else removes it"),
          data: { kind: "half", name: copyOf(each)! },
        }),
      ),
      ...removed.map(
        (each): Finding<Data> => ({
          what: "folder",
          where: join(paths.volumes(roots), each),
          why: "it was a volume that somebody has removed",
          remedy: repair("removes the rest of it"),
          data: { kind: "removed" },
        }),
      ),
    ];
  },
  mend: async (host, data) => {
    const { database, roots } = host;
    if (data.kind === "removed") return removeNameless(host);
    if (data.kind === "half") return fillVolume(host, { name: data.name, brief: false });
    makePrivate(paths.volumes(roots));
    // Inside: nobody removes it meanwhile.
    database.transaction(() => {
      if (database.get("SELECT 1 FROM volume WHERE name = ?", data.name))
        makePublicDirectory(paths.volume(roots, data.name));
    });
  },
});
