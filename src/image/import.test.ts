import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { importImage } from "./import.ts";
import { leftovers, testStore } from "./store/fixture.ts";
import { findImage, listImages } from "./store/references.ts";
import { resolveImage } from "./store/resolve.ts";
import { header, inPieces, joined } from "./tar/fixture.ts";
import { writeTar } from "./tar/write.ts";

const platform = { os: "linux", architecture: "arm64", variant: "v8" };
const rootfs = await joined(writeTar([{ header: header("etc/", { kind: "directory" }) }]));
const diffId = `sha256:${createHash("sha256").update(rootfs).digest("hex")}`;

for (const [what, bytes, suffix] of [
  ["plain", rootfs, ""],
  ["gzip", gzipSync(rootfs), "+gzip"],
  ["zstd", zstdCompressSync(rootfs), "+zstd"],
] as const)
  test(`a ${what} archive becomes an image of one layer, stored as it came`, async () => {
    await using t = testStore();
    const name = "docker.io/library/mine:1";
    const config = { Cmd: ["sh"] };
    const made = await importImage(t.store, inPieces(bytes, 100), {
      platform,
      name,
      message: "by hand",
      config,
    });
    assert.deepEqual(findImage(t.store, name), made.target);
    const image = resolveImage(t.store, made.target, platform);
    assert.equal(image.id, made.id);
    assert.deepEqual(
      image.layers.map(({ layer, diffId: id }) => [layer.mediaType, layer.size, id]),
      [[`application/vnd.oci.image.layer.v1.tar${suffix}`, bytes.length, diffId]],
    );
    const { architecture, variant, config: defaults, history } = image.config;
    assert.deepEqual(
      [architecture, variant, defaults.Cmd, history?.[0]?.comment],
      ["arm64", "v8", ["sh"], "by hand"],
    );
    assert.match(image.config.created ?? "", /^20\d\d-.*Z$/);
  });

test("without a name the image is kept nameless", async () => {
  await using t = testStore();
  const { target } = await importImage(t.store, inPieces(rootfs), { platform, message: "" });
  assert.deepEqual(listImages(t.store), [{ target }]);
});

test("what is no archive is refused and leaves nothing behind", async () => {
  await using t = testStore();
  const text = Buffer.from("no archive\n".repeat(100));
  await assert.rejects(importImage(t.store, inPieces(text), { platform, message: "" }), { kind: "invalid" });
  assert.deepEqual(listImages(t.store), []);
  assert.deepEqual(leftovers(t.store), []);
});
