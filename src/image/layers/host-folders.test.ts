import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { linkSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { mounted, place, shim } from "../../../tests/fixtures/jail.ts";
import { emptyWhenSynced, spreadFolders } from "./host-folders.ts";

test("folders are spread where the file system knows how, and what it says of them otherwise stays", async () => {
  using at = place();
  execFileSync("chattr", ["+d", at.inside]);
  await spreadFolders(shim, at.inside);
  await spreadFolders(shim, at.inside);
  assert.match(execFileSync("lsattr", ["-d", at.inside], { encoding: "utf8" }), /^\S*d\S*T\S* /);
});

test("a file system without such a notion is no failure", async () => {
  using at = place();
  using _ = mounted(at.inside, "1m");
  await spreadFolders(shim, at.inside);
});

test("files are emptied some time after, those that are replaced or gone by then are not", async () => {
  using at = place();
  const path = (name: string) => join(at.inside, name);
  for (const name of ["a", "b"]) writeFileSync(path(name), name);
  linkSync(path("b"), path("old"));
  await emptyWhenSynced(shim, at.inside, ["a", "b", "c"]);
  rmSync(path("b"));
  writeFileSync(path("b"), "another");
  for (let i = 0; statSync(path("old")).size > 0 && i < 1000; i++) await sleep(10);
  assert.deepEqual(
    readdirSync(at.inside)
      .sort()
      .map((name) => [name, statSync(path(name)).size]),
    [
      ["a", 0],
      ["b", 7],
      ["old", 0],
    ],
  );
});
