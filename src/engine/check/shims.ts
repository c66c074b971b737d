/** Shims of containers that have no row: nobody can stop them, or see what they run. */

import { killProcess } from "../../kernel/procfs/process.ts";
import { type FolderHolder, shimsBelow } from "../../kernel/procfs/shims.ts";
import { paths } from "../roots.ts";
import { check, repair } from "./finding.ts";

export const shims = check<FolderHolder>({
  find: ({ roots, database }) => {
    const found = shimsBelow(paths.runs(roots));
    const known = new Set(
      database.all("SELECT substr(id, 1, 16) AS name FROM container").map(({ name }) => String(name)),
    );
    return found
      .filter(({ name }) => !known.has(name))
      .map((data) => ({
        what: "shim",
        where: `process ${data.process.pid}`,
        why: `it is that of a container ${data.name.slice(0, 12)}, of which there is no row`,
        remedy: repair("kills it, and the container with it"),
        data,
      }));
  },
  mend: async (_, { process }) => killProcess(process),
});
