/** Run folders of containers that have no row. That of one that has ended keeps how it ended. */

import { join } from "node:path";
import type { ContainerId } from "../../base/ids.ts";
import { removeRunDirectory } from "../container/remove.ts";
import { paths } from "../roots.ts";
import { check, repair } from "./finding.ts";
import { namesIn } from "./names-in.ts";

/** Each is called by the beginning of its container's id. */
export const runFolders = check<ContainerId>({
  find: ({ roots, database }) => {
    const names = namesIn(paths.runs(roots)).filter((name) => /^[0-9a-f]{16}$/.test(name));
    return names
      .filter((name) => !database.get("SELECT 1 FROM container WHERE substr(id, 1, 16) = ?", name))
      .map((name) => ({
        what: "run folder",
        where: join(paths.runs(roots), name),
        why: "there is no such container",
        remedy: repair("removes it"),
        data: name as ContainerId,
      }));
  },
  // No container will ever be called so again.
  mend: (host, name) => removeRunDirectory(host, name),
});
