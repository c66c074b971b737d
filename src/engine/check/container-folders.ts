/** Folders of containers that have no row: a removal takes the folder first, so that nobody will ever look for these. */

import type { ContainerId } from "../../base/ids.ts";
import { readContainer } from "../container/records.ts";
import { removeFiles } from "../container/remove.ts";
import { paths } from "../roots.ts";
import { check, repair } from "./finding.ts";
import { namesIn } from "./names-in.ts";

export const containerFolders = check<ContainerId>({
  find: ({ roots, database }) => {
    const ids = namesIn(paths.containers(roots)).filter((name) => /^[0-9a-f]{64}$/.test(name));
    return (ids as ContainerId[])
      .filter((id) => !readContainer(database, id))
      .map((id) => ({
        what: "folder",
        where: paths.container(roots, id),
        why: "there is no such container",
        remedy: repair("removes it, with what the container has written"),
        data: id,
      }));
  },
  mend: async (host, id) => removeFiles(host, id),
});
