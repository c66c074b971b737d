/** Rows of commands in containers: of a container that has none, and of what nobody will ever tell the end of. */

import { pidOf } from "../../image/store/owner.ts";
import { endAbandoned } from "../container/executions.ts";
import { readContainer } from "../container/records.ts";
import { check, type Finding, repair } from "./finding.ts";

type Data =
  | { readonly kind: "stray"; readonly id: string }
  | { readonly kind: "abandoned"; readonly id: string; readonly owner: string };

export const executions = check<Data>({
  find: ({ database, owner }) =>
    database.all("SELECT id, container, owner, exit_code FROM execution").flatMap((row): Finding<Data>[] => {
      const [id, container] = [String(row.id), String(row.container)];
      const place = { what: "command", where: id.slice(0, 12) };
      if (!readContainer(database, container)) {
        const why = `it is of a container ${container.slice(0, 12)}, of which there is no row`;
        return [{ ...place, why, remedy: repair("removes the row"), data: { kind: "stray", id } }];
      }
      if (row.owner === null || row.exit_code !== null || owner.isAlive(String(row.owner))) return [];
      const starter = String(row.owner);
      return [
        {
          ...place,
          why: `process ${pidOf(starter)}, which started it and was to record its end, is gone`,
          remedy: repair("records that it was killed"),
          data: { kind: "abandoned", id, owner: starter },
        },
      ];
    }),
  mend: (host, data) => {
    if (data.kind === "abandoned") return endAbandoned(host, data.id, data.owner);
    const gone = "DELETE FROM execution WHERE id = ? AND container NOT IN (SELECT id FROM container)";
    host.database.run(gone, data.id);
  },
});
