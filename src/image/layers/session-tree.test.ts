import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { makeDeep, mounted, place, shim } from "../../../tests/fixtures/jail.ts";
import type { HostPath } from "../../base/ids.ts";
import { removeTree } from "./session-tree.ts";

test("an empty folder, a file and nothing at all can be removed", async () => {
  using at = place();
  await removeTree(shim, at.outside);
  writeFileSync(join(at.inside, "f"), "");
  await removeTree(shim, join(at.inside, "f") as HostPath);
  assert.deepEqual(readdirSync(at.inside), []);
  await removeTree(shim, join(at.inside, "nothing") as HostPath);
  await removeTree(shim, join(at.inside, "no/where") as HostPath);
  await removeTree(shim, at.inside);
  assert.ok(!existsSync(at.inside) && !existsSync(at.outside));
});

test("links are removed, not what they lead to", async () => {
  using at = place();
  writeFileSync(join(at.outside, "keep"), "");
  mkdirSync(join(at.inside, "a/b"), { recursive: true });
  symlinkSync(at.outside, join(at.inside, "a/b/absolute"));
  symlinkSync("../../../outside", join(at.inside, "a/b/relative"));
  symlinkSync("..", join(at.inside, "a/up"));
  symlinkSync("nowhere", join(at.inside, "broken"));
  await removeTree(shim, at.inside);
  assert.ok(!existsSync(at.inside));
  assert.deepEqual(readdirSync(at.outside), ["keep"]);
});

test("a wide tree is removed, whatever its names are and its modes say", async (t) => {
  using at = place();
  for (let i = 0; i < 3000; i++) writeFileSync(join(at.inside, `${i}-${"n".repeat(i % 200)}`), "");
  for (let i = 0; i < 700; i++) mkdirSync(join(at.inside, `dir${i}`, "0", String(i)), { recursive: true });
  mkdirSync(join(at.inside, "0", "\n"), { recursive: true });
  mkdirSync(join(at.inside, "locked"), { mode: 0 });
  writeFileSync(Buffer.concat([Buffer.from(`${at.inside}/locked/`), Buffer.from([0xff, 0x22, 0x5c])]), "");
  const start = performance.now();
  await removeTree(shim, at.inside);
  t.diagnostic(`5,100 entries: ${Math.round(performance.now() - start)} ms`);
  assert.ok(!existsSync(at.inside));
});

test("a tree deeper than any path and any number of open folders is removed", async (t) => {
  using at = place();
  for (const name of ["0", "1", "2"]) writeFileSync(join(at.inside, name), "");
  await makeDeep(at.inside, 3000, "deep");
  const start = performance.now();
  await removeTree(shim, at.inside);
  t.diagnostic(`3,000 levels: ${Math.round(performance.now() - start)} ms`);
  assert.ok(!existsSync(at.inside));
});

test("a tree on a full disk is removed", async () => {
  using at = place();
  using _mount = mounted(at.inside, "64k,nr_inodes=40");
  const tree = join(at.inside, "t") as HostPath;
  assert.throws(() => {
    for (let i = 0; ; i++) mkdirSync(join(tree, "a/b/c", String(i)), { recursive: true });
  }, /ENOSPC/);
  await removeTree(shim, tree);
  assert.deepEqual(readdirSync(at.inside), []);
});

test("a mount in the tree makes it fail with its name, and what is mounted is not touched", async () => {
  using at = place();
  const point = join(at.inside, "a/m");
  mkdirSync(point, { recursive: true });
  using _mount = mounted(point, "64k");
  writeFileSync(join(point, "keep"), "");
  await assert.rejects(removeTree(shim, at.inside), {
    kind: "conflict",
    message: `cannot remove ${at.inside}: "a/m": device or resource busy`,
  });
  assert.deepEqual(readdirSync(point), ["keep"]);
});
