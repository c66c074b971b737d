/**
 * Puts containers into brig's database, copies of the one that is there, or takes those out again.
 *
 *   rows.ts DATABASE COUNT    so many in all; 0: only the one
 */

import { randomBytes } from "node:crypto";
import { DatabaseSync } from "node:sqlite";

const [path, count] = [process.argv[2]!, Number(process.argv[3])];
using database = new DatabaseSync(path);
database.exec("PRAGMA busy_timeout = 10000; BEGIN IMMEDIATE");
database.exec("DELETE FROM container WHERE name LIKE 'row-%'");
const row = database.prepare("SELECT * FROM container").get()!;
const names = Object.keys(row);
const insert = database.prepare(
  `INSERT INTO container (${names.join(", ")}) VALUES (${names.map(() => "?").join(", ")})`,
);
for (let number = 1; number < count; number++)
  insert.run(...Object.values({ ...row, id: randomBytes(32).toString("hex"), name: `row-${number}` }));
database.exec("COMMIT");
