/** Damage to the database: nothing else can be told then. */

import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { image, ownBrig } from "../../cli/brig.ts";
import { clean, damagedRoot } from "./damage.ts";

const { brig, ok, sql, end } = damagedRoot();
after(end);

test("a row that nobody can read stops every other command, and is told and removed", async () => {
  await ok("create", "--name", "garbled", image, "true");
  sql("UPDATE container SET spec = 'x' WHERE name = 'garbled'");
  assert.equal((await brig("ps", "-a")).code, 1);
  const { code, stdout } = await brig("system", "check");
  assert.equal(code, 1);
  assert.match(stdout, /^row container \w{64}: its spec cannot be read; --repair removes the row, .*\n$/);
  assert.equal((await brig("system", "check", "--repair")).code, 0);
  assert.equal(await ok("ps", "-aq"), "");
  assert.deepEqual(await brig("system", "check"), clean);
});

test("a database that is none is told with what to do", async () => {
  const broken = ownBrig();
  writeFileSync(join(broken.root, "brig.db"), "x".repeat(10_000));
  const { code, stderr } = await broken.brig("system", "check");
  assert.equal(code, 1);
  assert.match(stderr, /^brig: cannot read \S+brig\.db: .*; put a copy of it in its place, or move it away/);
  rmSync(broken.root, { recursive: true });
});
