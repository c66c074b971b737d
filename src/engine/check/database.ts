/** The database itself, and rows of it that nobody can read: those stop every brig. */

import { check, type Finding, repair } from "./finding.ts";

type Data = { readonly kind: "file" } | { readonly kind: "row"; readonly sql: string; readonly key: string };

/** Columns that hold JSON: table, key, column, and how a row goes on without it. */
const columns = [
  [
    "container",
    "id",
    "spec",
    "removes the row, and then what the container has left",
    "DELETE FROM container WHERE id = ?",
  ],
  ["container", "id", "endpoint", "forgets it", "UPDATE container SET endpoint = NULL WHERE id = ?"],
  ["container", "id", "cgroup", "forgets it", "UPDATE container SET cgroup = NULL WHERE id = ?"],
  ["execution", "id", "spec", "removes the row", "DELETE FROM execution WHERE id = ?"],
  ["volume", "name", "labels", "takes its labels away", "UPDATE volume SET labels = '{}' WHERE name = ?"],
  [
    "network",
    "name",
    "config",
    "removes the row; the next container makes another network",
    "DELETE FROM network WHERE name = ?",
  ],
  ["event", "id", "attributes", "removes the event", "DELETE FROM event WHERE id = ?"],
] as const;

export const database = check<Data>({
  find: ({ database, roots }) => {
    const complaints = database
      .all("PRAGMA quick_check(5)")
      .map((row) => String(Object.values(row)[0]))
      .filter((text) => text !== "ok");
    const file = complaints.map(
      (text): Finding<Data> => ({
        what: "database",
        where: `${roots.root}/brig.db`,
        why: `SQLite finds it damaged: ${text.replaceAll("\n", " ")}`,
        remedy: repair("makes its indexes anew, which is enough where only they are damaged"),
        data: { kind: "file" },
      }),
    );
    return [
      ...file,
      ...columns.flatMap(([table, key, column, does, sql]) =>
        database.all(`SELECT ${key} AS key FROM ${table} WHERE NOT json_valid(${column})`).map(
          (row): Finding<Data> => ({
            what: "row",
            where: `${table} ${row.key}`,
            why: `its ${column} cannot be read`,
            remedy: repair(does),
            data: { kind: "row", sql, key: String(row.key) },
          }),
        ),
      ),
    ];
  },
  mend: ({ database }, data) => {
    if (data.kind === "row") database.run(data.sql, data.key);
    else database.run("REINDEX");
  },
  once: true,
});
