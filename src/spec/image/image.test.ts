import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { BrigError } from "../../base/errors.ts";
import { parseArchiveManifest, parseArchiveRepositories } from "./archive.ts";
import { pairLayers, parseImageConfig } from "./config.ts";
import { blobPath, parseLayout, parseLayoutIndex } from "./layout.ts";
import { type Manifest, parseImageDocument } from "./manifest.ts";
import { documentKind, isForeignLayer, isImageConfig, layerCompression, ociManifest } from "./media-types.ts";

const digest = (digit: string) => `sha256:${digit.repeat(64)}`;
const layer = { mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", digest: digest("b"), size: 10 };
const config = { mediaType: "application/vnd.oci.image.config.v1+json", digest: digest("a"), size: 100 };
const manifest = { schemaVersion: 2, config, layers: [layer] };
const index = {
  schemaVersion: 2,
  manifests: [
    { ...layer, mediaType: ociManifest, platform: { os: "linux", architecture: "arm", variant: "v7" } },
  ],
};
const document = (value: object, declared?: string) => parseImageDocument(JSON.stringify(value), declared);

describe("an image document", () => {
  test("is a manifest by its layers and an index by its manifests, whatever else it says", () => {
    assert.deepEqual(document(manifest), { kind: "manifest", manifest });
    assert.deepEqual(document(index), { kind: "index", index });
    assert.equal(document(manifest, "application/json").kind, "manifest");
  });

  test("of Docker is read as one of OCI", () => {
    const docker = "application/vnd.docker.distribution.manifest";
    assert.equal(
      document({ ...manifest, mediaType: `${docker}.v2+json` }, `${docker}.v2+json; charset=utf-8`).kind,
      "manifest",
    );
    assert.equal(document({ ...index, mediaType: `${docker}.list.v2+json` }).kind, "index");
  });

  test("may be an artifact with a config, layers and index entries of unknown types", () => {
    const strange = { ...layer, mediaType: "application/x" };
    assert.equal(
      document({ ...manifest, config: strange, layers: [strange], artifactType: "application/y" }).kind,
      "manifest",
    );
    assert.equal(document({ ...index, manifests: [strange] }).kind, "index");
  });

  // biome-ignore format: one row, one case
  const refused: readonly (readonly [
    what: string,
    value: object,
    kind: string,
    message: string,
    declared?: string,
  ])[] = [
    [
      "is both manifest and index",
      { ...manifest, ...index },
      "invalid",
      "manifest: is both a manifest and an index",
    ],
    [
      "calls itself other than it is",
      { ...index, mediaType: ociManifest },
      "invalid",
      "manifest: has the content of the kind index, but its mediaType says manifest",
    ],
    [
      "was sent as other than it is",
      index,
      "invalid",
      "manifest: is of the kind index, but was sent as manifest",
      ociManifest,
    ],
    [
      "is of Docker's schema 1",
      { schemaVersion: 1, fsLayers: [] },
      "unsupported",
      "manifest: is of Docker schema 1, which is obsolete; push the image again",
    ],
    [
      "is of an unknown type",
      { ...manifest, mediaType: "application/x" },
      "unsupported",
      'manifest: mediaType: "application/x" is no manifest of an image',
    ],
    [
      "is of an unknown schema",
      { ...manifest, schemaVersion: 3 },
      "invalid",
      "manifest: schemaVersion: must be from 2 to 2",
    ],
    ["has no config", { schemaVersion: 2, layers: [] }, "invalid", "manifest: config: is required"],
    [
      "has a negative size",
      { ...manifest, config: { ...config, size: -1 } },
      "invalid",
      "manifest: config.size: must be from 0 to 9007199254740991",
    ],
    [
      "has a digest that is a path",
      { ...manifest, config: { ...config, digest: "sha256:../../etc" } },
      "invalid",
      'manifest: config.digest: must be a sha256 or sha512 digest in lower case, not "sha256:../../etc"',
    ],
    [
      "has a digest in upper case",
      { ...manifest, layers: [{ ...layer, digest: digest("A") }] },
      "invalid",
      `manifest: layers[0].digest: must be a sha256 or sha512 digest in lower case, not ${JSON.stringify(`${digest("A").slice(0, 64)}…`)}`,
    ],
    [
      "has more layers than any image",
      { ...manifest, layers: Array(1001).fill(layer) },
      "invalid",
      "manifest: layers: must not have more than 1000 entries",
    ],
  ];
  for (const [what, value, kind, message, declared] of refused) {
    test(`that ${what} is refused`, () => {
      assert.throws(() => document(value, declared), { name: "BrigError", kind, message });
    });
  }

  test("beyond 4 MiB is refused before it is parsed", () => {
    assert.throws(
      () => parseImageDocument(" ".repeat(4 * 1024 * 1024 + 1)),
      /must not be longer than 4194304/,
    );
  });
});

describe("a media type", () => {
  const layers: readonly (readonly [mediaType: string, compression: string])[] = [
    ["application/vnd.oci.image.layer.v1.tar", "none"],
    ["application/vnd.oci.image.layer.v1.tar+gzip", "gzip"],
    ["application/vnd.oci.image.layer.v1.tar+zstd", "zstd"],
    ["application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", "gzip"],
    ["application/vnd.docker.image.rootfs.diff.tar", "none"],
    ["application/vnd.docker.image.rootfs.diff.tar.gzip", "gzip"],
    ["application/vnd.docker.image.rootfs.diff.tar.zstd", "zstd"],
    ["application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", "gzip"],
  ];
  for (const [mediaType, compression] of layers) {
    test(`${mediaType} is a layer compressed with ${compression}`, () => {
      assert.equal(layerCompression(mediaType), compression);
    });
  }

  for (const mediaType of [
    "application/vnd.oci.image.layer.v1.tar+encrypted",
    "application/vnd.oci.image.layer.v1.tarconstructor",
    "text/plain",
    "",
  ]) {
    test(`${JSON.stringify(mediaType)} cannot be unpacked`, () => {
      assert.throws(() => layerCompression(mediaType), { kind: "unsupported", code: "unknown-media-type" });
    });
  }

  test("says what a document is, and nothing when it is a generic one", () => {
    assert.equal(documentKind("Application/vnd.oci.image.index.v1+json; a=b"), "index");
    assert.equal(documentKind("application/json"), undefined);
    assert.equal(documentKind("constructor"), undefined);
    assert.deepEqual([isImageConfig(config.mediaType), isImageConfig("application/json")], [true, false]);
    assert.deepEqual(
      [isForeignLayer(layers[3]![0]), isForeignLayer(layers[7]![0]), isForeignLayer(layers[0]![0])],
      [true, true, false],
    );
  });
});

describe("an image config", () => {
  const rootfs = { type: "layers", diff_ids: [digest("c")] };
  const parse = (value: object) => parseImageConfig(JSON.stringify(value));

  test("is read with the fields that Docker adds", () => {
    const defaults = {
      User: "1000:1000",
      ExposedPorts: { "80/tcp": {} },
      Env: ["PATH=/bin"],
      Entrypoint: ["/entry"],
      Cmd: ["run"],
      Volumes: { "/data": {} },
      WorkingDir: "/work",
      Labels: { a: "b" },
      StopSignal: "SIGQUIT",
      StopTimeout: 3,
      Healthcheck: { Test: ["CMD", "true"], Interval: 30_000_000_000, Retries: 3 },
      ArgsEscaped: true,
      OnBuild: ["RUN true"],
      Shell: ["/bin/sh", "-c"],
    };
    const image = {
      architecture: "arm64",
      os: "linux",
      variant: "v8",
      created: "2026-01-01T00:00:00Z",
      config: defaults,
      rootfs,
      history: [{ created_by: "RUN x", empty_layer: true }],
    };
    assert.deepEqual(JSON.parse(JSON.stringify(parse(image))), image);
  });

  test("without defaults has none, and nulls are absent", () => {
    assert.deepEqual(parse({ config: null, rootfs }).config, {});
    assert.deepEqual(parse({ config: { Cmd: null, Env: null, User: "", Volumes: null }, rootfs }).config, {});
  });

  test("may have a command that is one string, as old images have", () => {
    assert.deepEqual(parse({ config: { Entrypoint: "/entry point", Cmd: [] }, rootfs }).config, {
      Entrypoint: ["/entry point"],
      Cmd: [],
    });
  });

  // biome-ignore format: one row, one case
  const refused: readonly (readonly [what: string, value: object, message: string])[] = [
    ["has no rootfs", {}, "image config: rootfs: is required"],
    [
      "has a rootfs of another type",
      { rootfs: { type: "disk" } },
      'image config: rootfs.type: must be one of layers; not "disk"',
    ],
    [
      "has a NUL byte in its environment",
      { rootfs, config: { Env: ["A=\0"] } },
      "image config: config.Env[0]: must not contain a NUL byte",
    ],
    [
      "has a diff id that is no digest",
      { rootfs: { type: "layers", diff_ids: ["x"] } },
      'image config: rootfs.diff_ids[0]: must be a sha256 or sha512 digest in lower case, not "x"',
    ],
  ];
  for (const [what, value, message] of refused) {
    test(`that ${what} is refused`, () =>
      assert.throws(() => parse(value), { name: "BrigError", kind: "invalid", message }));
  }

  test("must have a diff id for each layer of its manifest", () => {
    const image = document(manifest) as { manifest: Manifest };
    assert.deepEqual(pairLayers(image.manifest, parse({ rootfs })), [{ layer, diffId: digest("c") }]);
    const other = parse({ rootfs: { type: "layers" } });
    assert.throws(() => pairLayers(image.manifest, other), {
      code: "layer-mismatch",
      message: "cannot use the image: the manifest has 1 layers and the config 0 diff_ids",
    });
  });
});

describe("an image folder", () => {
  test("of version 1.0.0 is read, another is not", () => {
    assert.deepEqual(parseLayout('{"imageLayoutVersion":"1.0.0"}'), { imageLayoutVersion: "1.0.0" });
    assert.throws(() => parseLayout('{"imageLayoutVersion":"2.0.0"}'), { kind: "unsupported" });
    assert.throws(() => parseLayout("{}"), { message: "oci-layout: imageLayoutVersion: is required" });
  });

  test("has an index and its blobs by algorithm and digits", () => {
    assert.equal(parseLayoutIndex(JSON.stringify(index)).manifests.length, 1);
    assert.equal(
      blobPath(parseLayoutIndex(JSON.stringify(index)).manifests[0]!.digest),
      `blobs/sha256/${"b".repeat(64)}`,
    );
  });
});

describe("an archive of docker save", () => {
  test("lists its images", () => {
    const images = [{ Config: "a.json", RepoTags: ["busybox:latest"], Layers: ["x/layer.tar"] }];
    assert.deepEqual(parseArchiveManifest(JSON.stringify(images)), images);
    assert.deepEqual(parseArchiveManifest('[{"Config":"a.json","RepoTags":null,"Layers":[]}]'), [
      { Config: "a.json", Layers: [] },
    ]);
  });

  for (const name of ["/etc/passwd", "../a", "a/../../b", "", "a\0"]) {
    test(`that names the entry ${JSON.stringify(name)} is refused`, () => {
      assert.throws(() => parseArchiveManifest(JSON.stringify([{ Config: "a.json", Layers: [name] }])), {
        name: "BrigError",
        message: `manifest.json: [0].Layers[0]: must be a path inside the archive, not ${JSON.stringify(name)}`,
      });
    });
  }

  test("of old Docker lists repositories and tags", () => {
    const repositories = parseArchiveRepositories('{"busybox":{"latest":"abc"}}');
    assert.equal(repositories.busybox?.latest, "abc");
    assert.throws(() => parseArchiveRepositories('{"busybox":1}'), BrigError);
  });
});
