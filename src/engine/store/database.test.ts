/** Processes that meet at a database that is not there yet. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Database } from "./database.ts";

const folder = mkdtempSync(join(tmpdir(), "brig-database-"));
after(() => rmSync(folder, { recursive: true }));

/** Opens the database and writes a row of its own. */
const script = `
  import { Database } from ${JSON.stringify(join(import.meta.dirname, "database.ts"))};
  new Database(process.argv[1]).run("INSERT INTO lock (name, owner) VALUES (?, '')", process.pid);
`;

test("of many processes that open a new database each can write to it", async () => {
  for (let round = 0; round < 4; round++) {
    const path = join(folder, `${round}`, "brig.db");
    const all = await Promise.all(Array.from({ length: 8 }, () => writer(path)));
    assert.deepEqual(
      all,
      all.map(() => ""),
    );
    using database = new Database(path);
    assert.equal(database.all("SELECT name FROM lock").length, 8);
  }
});

/** What it complains of. */
async function writer(path: string): Promise<string> {
  const child = spawn(process.execPath, ["--input-type=module", "-e", script, path], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let stderr = "";
  child.stderr!.on("data", (text) => (stderr += text));
  await new Promise((resolve) => child.on("close", resolve));
  return stderr;
}
