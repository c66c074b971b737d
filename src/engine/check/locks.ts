/** Locks whose owners are gone. They hold nobody up (lock.ts), and stay until somebody wants them. */

import { pidOf } from "../../image/store/owner.ts";
import { check, repair } from "./finding.ts";

interface Data {
  readonly name: string;
  readonly holder: string;
}

export const locks = check<Data>({
  find: ({ database, owner }) =>
    database
      .all("SELECT name, owner FROM lock")
      .map((row): Data => ({ name: String(row.name), holder: String(row.owner) }))
      .filter(({ holder }) => !owner.isAlive(holder))
      .map((data) => ({
        what: "lock",
        where: data.name,
        why: `process ${pidOf(data.holder)}, which took it, is gone`,
        remedy: repair("removes it"),
        data,
      })),
  mend: ({ database }, { name, holder }) =>
    void database.run("DELETE FROM lock WHERE name = ? AND owner = ?", name, holder),
});
