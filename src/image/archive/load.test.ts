import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { BrigError } from "../../base/errors.ts";
import type { Digest } from "../../base/ids.ts";
import type { Descriptor } from "../../spec/image/descriptor.ts";
import { ociConfig, ociIndex, ociLayer, ociManifest } from "../../spec/image/media-types.ts";
import { readBlob } from "../store/blobs.ts";
import { absent, leftovers, testStore } from "../store/fixture.ts";
import { findImage, listImages } from "../store/references.ts";
import { resolveImage } from "../store/resolve.ts";
import type { ImageStore } from "../store/store.ts";
import { encodeText } from "../tar/byte-string.ts";
import { header, inPieces, joined } from "../tar/fixture.ts";
import { type NewEntry, writeTar } from "../tar/write.ts";
import { type LoadedImage, loadArchive } from "./load.ts";

const amd64 = { os: "linux", architecture: "amd64" };
const busybox = "docker.io/library/busybox:latest";

const sha256 = (bytes: Uint8Array | string) =>
  `sha256:${createHash("sha256").update(bytes).digest("hex")}` as Digest;
const file = (path: string, content: Uint8Array | string): NewEntry => ({
  header: header(path, { size: Buffer.from(content).length }),
  body: [Buffer.from(content)],
});
const json = (path: string, value: unknown): NewEntry => file(path, JSON.stringify(value));
const symlink = (path: string, target: string): NewEntry => ({
  header: header(path, { kind: "symbolic-link", linkPath: encodeText(target) }),
});

const layerOf = (name: string) => joined(writeTar([file(name, name.repeat(1000))]));
const [base, top] = [await layerOf("base"), await layerOf("top")];
const configOf = (layers: readonly Uint8Array[], architecture = "amd64") =>
  JSON.stringify({
    os: "linux",
    architecture,
    config: {},
    rootfs: { type: "layers", diff_ids: layers.map(sha256) },
  });

async function load(
  store: ImageStore,
  entries: readonly NewEntry[],
  piece = 3000,
): Promise<readonly LoadedImage[]> {
  return loadArchive(store, inPieces(await joined(writeTar(entries)), piece));
}

/** As Docker before 25 writes it. */
const legacy = (
  over: Readonly<Record<string, unknown>> = {},
  layer: Uint8Array = top,
): readonly NewEntry[] => [
  file("aa/VERSION", "1.0"),
  file("aa/layer.tar", base),
  file("bb/layer.tar", layer),
  symlink("cc/layer.tar", "../aa/layer.tar"),
  file("config.json", configOf([base, top, base])),
  json("manifest.json", [
    {
      Config: "config.json",
      RepoTags: ["busybox:latest", "registry.example:5000/a/b:1"],
      Layers: ["aa/layer.tar", "bb/layer.tar", "cc/layer.tar"],
      ...over,
    },
  ]),
];

for (const [order, arrange] of [
  ["in the usual order", (entries: readonly NewEntry[]) => entries],
  ["in reverse order", (entries: readonly NewEntry[]) => entries.toReversed()],
] as const)
  test(`an archive of docker save is loaded ${order}, its links followed`, async () => {
    await using t = testStore();
    const [image] = await load(t.store, arrange(legacy()));
    assert.deepEqual(image?.names, [busybox, "registry.example:5000/a/b:1"]);
    assert.equal(image.id, sha256(configOf([base, top, base])));
    assert.deepEqual(findImage(t.store, busybox), image.target);
    const resolved = resolveImage(t.store, image.target, amd64);
    assert.deepEqual(
      resolved.layers.map(({ layer, diffId }) => [layer.mediaType, layer.digest === diffId, diffId]),
      [base, top, base].map((bytes) => [ociLayer, true, sha256(bytes)]),
    );
    assert.ok(readBlob(t.store, sha256(top)).equals(top));
    assert.deepEqual(leftovers(t.store), []);
  });

test("an archive may be compressed, and its layers too", async () => {
  await using t = testStore();
  const archive = gzipSync(await joined(writeTar(legacy({}, gzipSync(top)))));
  const [image] = await loadArchive(t.store, inPieces(archive, 999));
  const { layers } = resolveImage(t.store, image!.target, amd64);
  assert.deepEqual([layers[1]!.layer.mediaType, layers[1]!.diffId], [`${ociLayer}+gzip`, sha256(top)]);
  assert.ok(readBlob(t.store, layers[1]!.layer.digest).equals(gzipSync(top)));
});

test("a layer in a compression without a media type is stored plain", async () => {
  await using t = testStore();
  const [image] = await load(t.store, legacy({}, execFileSync("xz", ["-c"], { input: top })));
  const { layers } = resolveImage(t.store, image!.target, amd64);
  assert.deepEqual([layers[1]!.layer.mediaType, layers[1]!.layer.digest], [ociLayer, sha256(top)]);
});

test("an image without a name is kept, and one listed twice is loaded twice", async () => {
  await using t = testStore();
  const [image] = await load(t.store, legacy({ RepoTags: null }));
  assert.deepEqual(image?.names, []);
  assert.deepEqual(listImages(t.store), [{ target: image.target }]);
  const entry = { Config: "config.json", Layers: ["aa/layer.tar", "bb/layer.tar", "aa/layer.tar"] };
  const twice = [
    ...legacy().slice(0, -1),
    json("manifest.json", [
      { ...entry, RepoTags: ["a:1"] },
      { ...entry, RepoTags: ["b:1"] },
    ]),
  ];
  assert.deepEqual(
    (await load(t.store, twice)).map(({ names }) => names),
    [["docker.io/library/a:1"], ["docker.io/library/b:1"]],
  );
});

const bad: readonly (readonly [string, readonly NewEntry[], RegExp])[] = [
  [
    "a missing layer",
    legacy({ Layers: ["aa/layer.tar", "zz/layer.tar", "cc/layer.tar"] }),
    /"zz\/layer.tar" is missing/,
  ],
  ["a missing config", legacy({ Config: "other.json" }), /"other.json" is missing/],
  ["a layer that is not what the config says", legacy({}, base), /its content is sha256:.*, not sha256/],
  [
    "a compressed layer that is not what the config says",
    legacy({}, gzipSync(base)),
    /its content is sha256/,
  ],
  [
    "layers in the wrong order",
    legacy({ Layers: ["bb/layer.tar", "aa/layer.tar", "bb/layer.tar"] }),
    /its content is/,
  ],
  [
    "one layer in the place of another",
    legacy({ Layers: ["aa/layer.tar", "aa/layer.tar", "aa/layer.tar"] }),
    /does not match its diff id/,
  ],
  ["fewer layers than the config", legacy({ Layers: ["aa/layer.tar"] }), /3 diff_ids for 1 layers/],
  ["a name that is none", legacy({ RepoTags: ["BusyBox:latest"] }), /must be lowercase/],
  ["a layer outside", legacy({ Layers: ["../x", "bb/layer.tar", "cc/layer.tar"] }), /inside the archive/],
  [
    "a link that leads outside",
    [...legacy(), symlink("dd/layer.tar", "../../etc/shadow")],
    /leads out of it/,
  ],
  ["an absolute link", [...legacy(), symlink("dd/layer.tar", "/etc/shadow")], /leads out of it/],
  ["links in a circle", [symlink("manifest.json", "x"), symlink("x", "manifest.json")], /too many links/],
  ["an entry that leads outside", [...legacy(), file("../x", "y")], /leads out of the archive/],
  ["a device", [{ header: header("d", { kind: "fifo" }) }], /neither a file nor a link/],
  ["nothing that is an image", [file("hello", "world")], /is it an image archive\?/],
  ["an image of Docker 1.9", [json("repositories", {})], /older than 1.10/],
  ["a manifest of 20 MB", [file("manifest.json", Buffer.alloc(20 << 20, " "))], /larger than/],
];

for (const [what, entries, message] of bad)
  test(`an archive with ${what} is refused, and leaves no name`, async () => {
    await using t = testStore();
    await assert.rejects(load(t.store, entries, 1 << 16), (error) => {
      assert.ok(error instanceof BrigError && error.kind === "invalid", String(error));
      assert.match(error.message, message);
      return true;
    });
    assert.deepEqual(listImages(t.store), []);
    assert.deepEqual(leftovers(t.store), []);
  });

test("what is no archive at all is refused", async () => {
  await using t = testStore();
  await assert.rejects(loadArchive(t.store, inPieces(Buffer.from("#!/bin/sh\n".repeat(100)))), {
    kind: "invalid",
  });
});

/** An OCI layout under construction. */
class Layout {
  readonly entries: NewEntry[] = [json("oci-layout", { imageLayoutVersion: "1.0.0" })];

  blob(mediaType: string, content: Uint8Array | string): Descriptor {
    const digest = sha256(content);
    this.entries.push(file(`blobs/${digest.replace(":", "/")}`, content));
    return { mediaType, digest, size: Buffer.from(content).length };
  }

  image(layers: readonly Uint8Array[], architecture = "amd64"): Descriptor {
    const config = this.blob(ociConfig, configOf(layers, architecture));
    const described = layers.map((layer) => this.blob(`${ociLayer}+gzip`, gzipSync(layer)));
    return this.blob(
      ociManifest,
      JSON.stringify({ schemaVersion: 2, mediaType: ociManifest, config, layers: described }),
    );
  }

  index(manifests: readonly Descriptor[]): Descriptor {
    return this.blob(ociIndex, JSON.stringify({ schemaVersion: 2, mediaType: ociIndex, manifests }));
  }

  done(manifests: readonly Descriptor[]): readonly NewEntry[] {
    return [...this.entries, json("index.json", { schemaVersion: 2, manifests })];
  }
}

const named = (descriptor: Descriptor, name: string, key = "org.opencontainers.image.ref.name") => ({
  ...descriptor,
  annotations: { [key]: name },
});

test("an OCI archive keeps its manifests and its names", async () => {
  await using t = testStore();
  const layout = new Layout();
  const image = layout.image([base, top]);
  const images = await load(
    t.store,
    layout.done([
      named(image, "busybox:latest"),
      named(image, "docker.io/a/b:c", "io.containerd.image.name"),
    ]),
  );
  assert.deepEqual(images, [
    { names: [busybox, "docker.io/a/b:c"], target: image, id: sha256(configOf([base, top])) },
  ]);
  assert.deepEqual(findImage(t.store, "docker.io/a/b:c"), image);
  assert.equal(resolveImage(t.store, image, amd64).layers[1]?.diffId, sha256(top));
});

test("a tag alone is no name", async () => {
  await using t = testStore();
  const layout = new Layout();
  const [image] = await load(t.store, layout.done([named(layout.image([base]), "latest")]));
  assert.deepEqual(image?.names, []);
});

test("an index of indexes is loaded as far as it is complete", async () => {
  await using t = testStore();
  const layout = new Layout();
  const arm = layout.image([top], "arm64");
  const gone: Descriptor = { mediaType: ociManifest, digest: absent, size: 3, platform: amd64 };
  const index = layout.index([gone, layout.index([gone, arm, arm])]);
  const [image] = await load(t.store, layout.done([named(index, "busybox:latest")]));
  assert.deepEqual([image?.target, image?.id], [index, sha256(configOf([top], "arm64"))]);
  assert.equal(
    resolveImage(t.store, index, { os: "linux", architecture: "arm64" }).descriptor.digest,
    arm.digest,
  );
});

test("the OCI layout counts where an archive has both forms", async () => {
  await using t = testStore();
  const layout = new Layout();
  const image = layout.image([base]);
  const [loaded] = await load(t.store, [...layout.done([image]), json("manifest.json", [])]);
  assert.deepEqual(loaded?.target, image);
});

test("an OCI archive that is not complete, or not what it says, is refused", async () => {
  const cases: readonly (readonly [RegExp, (layout: Layout, image: Descriptor) => readonly NewEntry[]])[] = [
    [
      /blobs\/sha256\/0000.* is missing/,
      (l) => l.done([{ mediaType: ociManifest, digest: absent, size: 1 }]),
    ],
    [/is missing/, (l) => l.done([l.index([{ mediaType: ociManifest, digest: absent, size: 1 }])])],
    [
      /is missing/,
      (l, i) => l.done([i]).filter((e) => !e.header.path.endsWith(sha256(gzipSync(base)).slice(7))),
    ],
    [/has \d+ bytes instead of 1/, (l, i) => l.done([{ ...i, size: 1 }])],
    [/its digest is/, (l, i) => [...l.done([i]), file(`blobs/sha256/${"1".repeat(64)}`, "x")]],
    [
      /the content of sha256:1111/,
      (l, i) => [
        ...l.done([{ ...i, digest: `sha256:${"1".repeat(64)}` as Digest }]),
        symlink(`blobs/sha256/${"1".repeat(64)}`, i.digest.slice(7)),
      ],
    ],
    [/imageLayoutVersion/, (l, i) => [...l.done([i]), json("oci-layout", { imageLayoutVersion: "2.0.0" })]],
    [/manifest and an index|sent as/, (l, i) => l.done([{ ...i, mediaType: ociIndex }])],
  ];
  for (const [message, make] of cases) {
    await using t = testStore();
    const layout = new Layout();
    await assert.rejects(load(t.store, make(layout, layout.image([base]))), message);
    assert.deepEqual(listImages(t.store), []);
    assert.deepEqual(leftovers(t.store), []);
  }
});
