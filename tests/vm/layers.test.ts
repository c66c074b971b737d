/**
 * An image of 400 layers, three times as many as Docker takes (20.10 says "max depth exceeded" of 127): on kernels before
 * 6.8, which take the layers of an overlay in one page of text (`make test-vm`), as well as on those that take each by a
 * call of its own. The page is full with 54, so that where all takes ten times as long 100 will do.
 */

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { ownBrig } from "../cli/brig.ts";
import { layeredImage } from "../fixtures/layered-image.ts";

const { brig, brigWith, end, root } = ownBrig();
const folder = mkdtempSync(join(tmpdir(), "brig-layers-"));
after(() => {
  rmSync(folder, { recursive: true, force: true });
  end();
});

const count = Number(process.env.BRIG_TEST_PATIENCE ?? 1) > 1 ? 100 : 400;
const { name, archive, files } = await layeredImage(
  "many:1",
  Array.from({ length: count - 1 }, (_, i) => i + 1),
);
const expected = [...files]
  .map(([path, content]) => `${path}: ${content}`)
  .sort()
  .join("");

/** Prints every file with its content. */
const listing =
  "cd /many && find . -type f | sed 's|^./||' | sort | while read f; do echo \"$f: $(cat $f)\"; done";
const sorted = (text: string) =>
  text
    .split(/(?<=\n)/)
    .sort()
    .join("");

async function done(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await brig(...args);
  assert.equal(code, 0, `brig ${args.join(" ")}: ${stderr}`);
  return stdout;
}

test("an image of many layers is loaded, and its history and its configuration tell of each", async () => {
  const loaded = await brigWith(archive, "load");
  assert.deepEqual([loaded.code, loaded.stdout], [0, `Loaded image: ${name}\n`], loaded.stderr);
  assert.equal((await done("history", "-q", name)).split("\n").filter(Boolean).length, count);
  assert.equal(await done("image", "inspect", "-f", "{{len .RootFS.Layers}}", name), `${count}\n`);
});

test("a container of it has every file as the uppermost layer left it, and none that a layer took away", async () => {
  assert.equal(sorted(await done("run", "--rm", "--network=none", name, "sh", "-c", listing)), expected);
});

test("with a user of its own, and with a root that is not to be written", async () => {
  assert.equal(
    await done("run", "--rm", "--network=none", "--read-only", "-u", "1000", name, "cat", "/many/shared"),
    `written last by layer ${count - 1}\n`,
  );
});

test("what a container writes is told by diff, and copied and exported with all that is below", async () => {
  const script = "echo new >/many/new; rm /many/file-1; echo over >/many/shared; mkdir /many/folder-0/sub";
  await done("run", "--network=none", "--name", "writer", name, "sh", "-c", script);
  assert.equal(
    await done("diff", "writer"),
    "C /many\nD /many/file-1\nC /many/folder-0\nA /many/folder-0/sub\nA /many/new\nC /many/shared\n",
  );
  await done("cp", "writer:/many", folder);
  const copied = readdirSync(join(folder, "many"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(`${folder}/many/`.length));
  const left = new Set([...files.keys(), "new"]);
  left.delete("file-1");
  assert.deepEqual(copied.sort(), [...left].sort());
  assert.equal(readFileSync(join(folder, "many/shared"), "utf8"), "over\n");
  writeFileSync(join(folder, "given"), "given\n");
  await done("cp", join(folder, "given"), "writer:/many/file-2");
  await done("export", "-o", join(folder, "out.tar"), "writer");
  const imported = await done("import", join(folder, "out.tar"), "flat");
  assert.match(imported, /^sha256:/);
  const read = "cat /many/new /many/file-2 /many/shared; ls /many/file-1 2>&1; ls /many | wc -l";
  assert.equal(
    await done("run", "--rm", "--network=none", "flat", "sh", "-c", `${read}; true`),
    `new\ngiven\nover\nls: /many/file-1: No such file or directory\n${new Set([...left, "file-2"].map((path) => path.replace(/\/.*/, ""))).size}\n`,
  );
  await done("rm", "writer");
});

test("a volume begins with what the image has at its place", async () => {
  const seen = await done("run", "--rm", "--network=none", "-v", "/many", name, "sh", "-c", listing);
  assert.equal(sorted(seen), expected);
});

test("layers that are the same show what the uppermost of them does", async () => {
  const twice = await layeredImage("twice:1", [1, 2, 1]);
  assert.equal((await brigWith(twice.archive, "load")).code, 0);
  const read = "cat /many/shared; ls /many | sort | xargs";
  assert.equal(
    await done("run", "--rm", "--network=none", "twice:1", "sh", "-c", read),
    "written last by layer 1\nfile-1 file-2 folder-1 folder-2 shared\n",
  );
  await done("rmi", "twice:1");
});

test("rmi removes every layer", async () => {
  await done("rmi", "flat");
  const removed = await done("rmi", name);
  assert.equal(removed.match(/^Deleted: /gm)?.length, count + 1);
  const left = readdirSync(join(root, "layers")).filter((file) => /^[0-9a-f]{64}/.test(file));
  assert.deepEqual(left, []);
});
