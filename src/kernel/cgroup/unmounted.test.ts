/** Controllers that this machine leaves unmounted, mounted where nobody else sees them. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

test("limits hold in hierarchies of controllers that are seldom mounted", () => {
  const folder = mkdtempSync(join(tmpdir(), "brig-test-"));
  try {
    const script = new URL("./trial/unmounted.ts", import.meta.url).pathname;
    const command = ["--mount", "--propagation", "private", process.execPath, script, folder];
    assert.match(execFileSync("unshare", command, { encoding: "utf8", timeout: 30_000 }), /^mounted: /);
  } finally {
    rmdirSync(folder);
  }
});
