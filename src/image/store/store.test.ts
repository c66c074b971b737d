import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, linkSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Digest } from "../../base/ids.ts";
import { blobSize, hasBlob, readBlob, removeBlob, streamBlob } from "./blobs.ts";
import { collectGarbage, reachable } from "./collect.ts";
import { absent, gone, leftovers, put, putImage, putIndex, testStore } from "./fixture.ts";
import { commitBlob, ingestBlob, stageBlob } from "./ingest.ts";
import { takeLease } from "./lease.ts";
import { withIndexLock } from "./lock.ts";
import { thisProcess } from "./owner.ts";
import { findImage, forgetImage, keepImage, listImages, nameImage, unnameImage } from "./references.ts";
import { resolveImage } from "./resolve.ts";
import { blobFile, type ImageStore } from "./store.ts";

const hello = Buffer.from("hello");
const helloDigest = `sha256:${createHash("sha256").update(hello).digest("hex")}` as Digest;
const amd64 = { os: "linux", architecture: "amd64" };
const busybox = "docker.io/library/busybox:latest";
const alpine = "docker.io/library/alpine:3";

test("a blob that was ingested is at its place in an OCI image layout", async () => {
  await using t = testStore();
  {
    using lease = takeLease(t.store);
    assert.deepEqual(await ingestBlob(lease, [hello.subarray(0, 2), hello.subarray(2)]), {
      digest: helloDigest,
      size: 5,
    });
  }
  assert.equal(readFileSync(join(t.root, "image/blobs/sha256", helloDigest.slice(7)), "utf8"), "hello");
  assert.equal(readFileSync(join(t.root, "image/oci-layout"), "utf8"), '{"imageLayoutVersion":"1.0.0"}');
  assert.deepEqual(leftovers(t.store), []);
  assert.equal(readBlob(t.store, helloDigest).toString(), "hello");
  assert.equal(blobSize(t.store, helloDigest), 5);
  const parts: Uint8Array[] = [];
  for await (const part of streamBlob(t.store, helloDigest)) parts.push(part);
  assert.equal(Buffer.concat(parts).toString(), "hello");
  removeBlob(t.store, helloDigest);
  assert.equal(hasBlob(t.store, helloDigest), false);
  assert.throws(() => readBlob(t.store, helloDigest), { kind: "not-found" });
});

test("a blob is named by sha512 where that was expected", async () => {
  await using t = testStore();
  using lease = takeLease(t.store);
  const digest = `sha512:${createHash("sha512").update(hello).digest("hex")}` as Digest;
  assert.equal((await ingestBlob(lease, [hello], { digest })).digest, digest);
  assert.equal(readBlob(t.store, digest).toString(), "hello");
});

for (const [what, expected, message] of [
  ["another digest", { digest: absent }, /its digest is sha256:2cf2/],
  ["fewer bytes", { size: 6 }, /has 5 bytes instead of 6/],
  ["more bytes", { size: 4 }, /larger than 4 bytes/],
] as const)
  test(`a blob with ${what} than expected is refused and leaves nothing behind`, async () => {
    await using t = testStore();
    using lease = takeLease(t.store);
    await assert.rejects(ingestBlob(lease, [hello], expected), message);
    assert.deepEqual(readdirSync(lease.folder), []);
    assert.deepEqual(readdirSync(join(t.root, "image/blobs/sha256")), []);
  });

test("a source that fails leaves nothing behind", async () => {
  await using t = testStore();
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield hello;
    throw new Error("gone");
  }
  using lease = takeLease(t.store);
  await assert.rejects(ingestBlob(lease, failing()), /gone/);
  assert.deepEqual(readdirSync(lease.folder), []);
});

test("a blob that is there already is stored once", async () => {
  await using t = testStore();
  await put(t.store, "text/plain", "hello");
  const { ino } = statSync(blobFile(t.store, helloDigest));
  using lease = takeLease(t.store);
  const staged = await stageBlob(lease, [hello]);
  await commitBlob(lease, staged);
  assert.equal(statSync(blobFile(t.store, helloDigest)).ino, ino);
  assert.equal(readFileSync(staged.file, "utf8"), "hello");
});

for (const [what, before] of [
  ["that came with a lease", async () => undefined],
  ["that was there before", (store: ImageStore) => put(store, "text/plain", "hello")],
] as const)
  test(`a blob ${what} is no garbage before the lease ends`, async () => {
    await using t = testStore();
    await before(t.store);
    {
      using lease = takeLease(t.store);
      const staged = await stageBlob(lease, [Buffer.from("being written")]);
      await ingestBlob(lease, [hello]);
      assert.deepEqual(await collectGarbage(t.store), []);
      assert.ok(existsSync(staged.file));
      assert.ok(hasBlob(t.store, helloDigest));
    }
    assert.deepEqual(await collectGarbage(t.store), [{ digest: helloDigest, size: 5 }]);
    assert.deepEqual(leftovers(t.store), []);
  });

test("a blob that is collected while the same one comes again is there in the end", async () => {
  await using t = testStore();
  for (let round = 0; round < 30; round++) {
    using lease = takeLease(t.store);
    const ingest = () => ingestBlob(lease, [hello]);
    const collect = () => collectGarbage(t.store);
    await Promise.all([ingest(), collect(), ingest(), collect()]);
    assert.deepEqual(await collectGarbage(t.store), []);
    assert.equal(readBlob(t.store, helloDigest).toString(), "hello");
  }
});

for (const [what, use] of [
  ["the next lease", async (store: ImageStore) => takeLease(store)[Symbol.dispose]()],
  ["the next collection", async (store: ImageStore) => void (await collectGarbage(store))],
] as const)
  test(`what a killed process was writing goes with ${what}`, async () => {
    await using t = testStore();
    const digest = (await put(t.store, "text/plain", "hello")).digest;
    const left = join(t.root, "image/ingest", `${gone}-00`);
    mkdirSync(left);
    linkSync(blobFile(t.store, digest), join(left, "aa"));
    writeFileSync(join(left, "bb"), "half");
    writeFileSync(join(t.root, "image/ingest", `${gone}-01`), "an index");
    await use(t.store);
    assert.deepEqual(leftovers(t.store), []);
    await collectGarbage(t.store);
    assert.equal(hasBlob(t.store, digest), false);
  });

test("a damaged manifest is not used", async () => {
  await using t = testStore();
  await put(t.store, "text/plain", "hello");
  writeFileSync(blobFile(t.store, helloDigest), "jello");
  assert.throws(() => readBlob(t.store, helloDigest), /it is damaged/);
});

test("an image is found by its name", async () => {
  await using t = testStore();
  assert.equal(findImage(t.store, busybox), undefined);
  const image = await putImage(t.store, "layer");
  await nameImage(t.store, busybox, image);
  assert.deepEqual(findImage(t.store, busybox), image);
  const entry = JSON.parse(readFileSync(join(t.root, "image/index.json"), "utf8")).manifests[0];
  assert.deepEqual(entry.annotations, {
    "io.containerd.image.name": busybox,
    "org.opencontainers.image.ref.name": "latest",
  });
});

test("a name that moves leaves its old image nameless, unless that has another name", async () => {
  await using t = testStore();
  const [one, two] = [await putImage(t.store, "one"), await putImage(t.store, "two")];
  await nameImage(t.store, busybox, one);
  await nameImage(t.store, busybox, two);
  assert.deepEqual(listImages(t.store), [{ target: one }, { name: busybox, target: two }]);
  await nameImage(t.store, alpine, two);
  await nameImage(t.store, busybox, one);
  assert.deepEqual(listImages(t.store), [
    { name: alpine, target: two },
    { name: busybox, target: one },
  ]);
});

test("taking away the last name keeps the image only when asked to", async () => {
  await using t = testStore();
  const image = await putImage(t.store, "one");
  await nameImage(t.store, busybox, image);
  await nameImage(t.store, alpine, image);
  await unnameImage(t.store, busybox, { keep: true });
  assert.deepEqual(listImages(t.store), [{ name: alpine, target: image }]);
  await unnameImage(t.store, alpine, { keep: true });
  assert.deepEqual(listImages(t.store), [{ target: image }]);
  await keepImage(t.store, image);
  assert.equal(listImages(t.store).length, 1);
  await forgetImage(t.store, image.digest);
  assert.deepEqual(listImages(t.store), []);
  await assert.rejects(unnameImage(t.store, busybox, { keep: false }), { kind: "not-found" });
});

test("a name for several platforms resolves to the one that fits and is here", async () => {
  await using t = testStore();
  const amd = await putImage(t.store, "amd");
  const arm = await putImage(t.store, "arm", "arm64");
  const index = await putIndex(t.store, [
    { ...amd, digest: absent, platform: amd64 },
    { ...amd, platform: amd64 },
    await putIndex(t.store, [arm]),
  ]);
  assert.equal(resolveImage(t.store, index, amd64).descriptor.digest, amd.digest);
  const resolved = resolveImage(t.store, index, { os: "linux", architecture: "arm64" });
  assert.equal(resolved.config.architecture, "arm64");
  assert.equal(resolved.layers.length, 1);
  assert.equal(resolved.layers[0]!.diffId, resolved.layers[0]!.layer.digest);
  assert.throws(() => resolveImage(t.store, index, { os: "linux", architecture: "s390x" }), /linux\/s390x/);
  assert.equal(resolveImage(t.store, arm, amd64).config.architecture, "arm64");
});

test("garbage collection removes what no name leads to", async () => {
  await using t = testStore();
  const kept = await putImage(t.store, "kept");
  const forced = await putImage(t.store, "forced", "arm64");
  const index = await putIndex(t.store, [
    { ...kept, platform: amd64 },
    { ...kept, digest: absent },
  ]);
  await nameImage(t.store, busybox, index);
  const garbage = await put(t.store, "text/plain", "garbage");
  const removed = await collectGarbage(t.store, { roots: [forced] });
  assert.deepEqual(removed, [{ digest: garbage.digest, size: 7 }]);
  assert.equal(resolveImage(t.store, index, amd64).config.os, "linux");
  assert.equal(reachable(t.store, [index]).diffIds.size, 1);
});

test("changes of several processes at once are all kept", async () => {
  await using t = testStore();
  const image = await putImage(t.store, "layer");
  const script = `
    import { randomBytes } from "node:crypto";
    const { imageStore } = await import("${import.meta.dirname}/store.ts");
    const { thisProcess } = await import("${import.meta.dirname}/owner.ts");
    const { nameImage } = await import("${import.meta.dirname}/references.ts");
    const store = imageStore(${JSON.stringify(t.root)}, { owner: thisProcess(), now: Date.now, random: randomBytes });
    const [, target, prefix] = process.argv;
    await Promise.all([1, 2, 3, 4, 5].map((n) => nameImage(store, "docker.io/a/" + prefix + ":" + n, JSON.parse(target))));`;
  const runs = ["a", "b", "c"].map(
    (prefix) =>
      new Promise<number | null>((resolve) => {
        const args = ["--input-type=module", "-e", script, JSON.stringify(image), prefix];
        spawn(process.execPath, args, { stdio: "inherit" }).on("close", resolve);
      }),
  );
  assert.deepEqual(await Promise.all(runs), [0, 0, 0]);
  assert.equal(listImages(t.store).length, 15);
  assert.deepEqual(readdirSync(join(t.root, "image/index.lock")), []);
});

test("a lock of a process that is gone is void, one of a living process is not", async () => {
  await using t = testStore();
  const folder = join(t.root, "image/index.lock");
  mkdirSync(folder, { recursive: true });
  const { id } = thisProcess();
  const [pid, start, boot] = id.split("_");
  for (const gone of [
    `${pid}-${Number(start) + 1}-${boot}-00`,
    `${pid}-${start}-00000000-00`,
    "4194304-5-x-00",
  ])
    writeFileSync(join(folder, gone), "");
  assert.equal(await withIndexLock(t.store, () => 7), 7);
  assert.deepEqual(readdirSync(folder), []);
  writeFileSync(join(folder, `${id}-zz`), "");
  let time = 0;
  const impatient: ImageStore = { ...t.store, now: () => (time += 20_000) };
  await assert.rejects(
    withIndexLock(impatient, () => 7),
    new RegExp(`held by process ${pid}`),
  );
  assert.deepEqual(readdirSync(folder), [`${id}-zz`]);
});

test("the lock is held by one caller at a time and given back when the work fails", async () => {
  await using t = testStore();
  let inside = 0;
  const work = async () => {
    assert.equal(++inside, 1);
    await new Promise((resolve) => setTimeout(resolve, 1));
    inside--;
  };
  await Promise.all(Array.from({ length: 12 }, () => withIndexLock(t.store, work)));
  await assert.rejects(
    withIndexLock(t.store, () => Promise.reject(new Error("no"))),
    /no/,
  );
  assert.equal(await withIndexLock(t.store, () => 1), 1);
});
