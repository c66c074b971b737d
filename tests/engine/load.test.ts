/** Loading an image beside all that may happen meanwhile: removals, a kill, the end of the machine. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { ownBrig, type Result, until } from "../cli/brig.ts";
import { busyboxArchive, busyboxRoot } from "../fixtures/images.ts";

const { brig, brigWith, start, root, end } = ownBrig();
after(end);

const archive = readFileSync(busyboxArchive());
const rootfs = readFileSync(busyboxRoot());
const entries = (folder: string) => (existsSync(join(root, folder)) ? readdirSync(join(root, folder)) : []);
const unfinished = () => [
  ...entries("image/ingest"),
  ...entries("layers").filter((name) => name.startsWith(".")),
];
const succeeded = ({ code, stderr }: Result) => assert.deepEqual([code, stderr], [0, ""]);

/** The folder of the only layer that is there. */
function onlyLayer(): string {
  const [name, ...others] = entries("layers").filter((each) => /^[0-9a-f]{64}$/.test(each));
  assert.deepEqual(others, []);
  return join(root, "layers", name!);
}

test("what a killed load has left goes with the next one", async () => {
  const load = start("load");
  load.stdin.on("error", () => {});
  load.stdin.write(archive.subarray(0, archive.length >> 1));
  const written = () => entries("image/ingest").flatMap((lease) => entries(`image/ingest/${lease}`));
  await until(() => written().length > 0, "the load has begun to write");
  load.kill("SIGKILL");
  await once(load, "close");
  assert.equal(unfinished().length, 1);
  succeeded(await brigWith(archive, "load"));
  assert.deepEqual(unfinished(), []);
});

test("a layer that a power cut has damaged is unpacked again by whoever runs the image", async () => {
  const layer = onlyLayer();
  await until(() => statSync(`${layer}.unsynced`).size === 0, "the layer is on the disk");
  succeeded(await brig("run", "--rm", "busybox", "true"));
  rmSync(join(layer, "bin/busybox"));
  assert.notEqual((await brig("run", "--rm", "busybox", "true")).code, 0);
  writeFileSync(`${layer}.unsynced`, "the boot before this one");
  succeeded(await brig("run", "--rm", "busybox", "true"));
  assert.equal(onlyLayer(), layer);
  assert.deepEqual(unfinished(), []);
});

test("removals beside a load break none", async () => {
  for (let round = 0; round < 8; round++) {
    succeeded(await brigWith(rootfs, "import", "-", `other:${round}`));
    const [loaded, removed] = await Promise.all([brigWith(archive, "load"), brig("rmi", `other:${round}`)]);
    succeeded(loaded);
    succeeded(removed);
    succeeded(await brig("run", "--rm", "busybox", "true"));
    succeeded(await brig("rmi", "busybox"));
  }
  assert.deepEqual(unfinished(), []);
  assert.deepEqual(entries("image/blobs/sha256"), []);
});
