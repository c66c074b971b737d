import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { BrigError } from "../../base/errors.ts";
import type { Digest, HostPath } from "../../base/ids.ts";
import { header, inPieces, joined } from "../tar/fixture.ts";
import { writeTar } from "../tar/write.ts";
import { FakeJail } from "./fake-jail.ts";
import type { Jail, Operation } from "./jail.ts";
import {
  collectLayers,
  hasLayer,
  type LayerStore,
  layerFolder,
  layerStore,
  removeLayer,
} from "./layer-store.ts";
import { unpackLayer } from "./unpack.ts";

/** A fake jail in which only the removal of whole folders is real. */
class FolderJail extends FakeJail {
  readonly folder: HostPath;

  constructor(folder: HostPath) {
    super();
    this.folder = folder;
  }

  override async run(operations: readonly Operation[]): Promise<void> {
    const [first] = operations;
    if (first?.kind === "remove" && first.path.startsWith(".tmp-"))
      rmSync(join(this.folder, first.path), { recursive: true });
    else await super.run(operations);
  }
}

interface TestLayers extends Disposable {
  readonly store: LayerStore;
  readonly jails: FolderJail[];
}

function testLayers(open = (folder: HostPath): Jail => new FolderJail(folder)): TestLayers {
  const root = mkdtempSync(join(tmpdir(), "brig-layers-")) as HostPath;
  const jails: FolderJail[] = [];
  const openJail = async (folder: HostPath) => {
    const jail = open(folder);
    if (jail instanceof FolderJail) jails.push(jail);
    return jail;
  };
  const plan = { overlay: "trusted", devices: "make" } as const;
  const store = layerStore(root, { openJail, plan, now: Date.now, random: (size) => randomBytes(size) });
  return { store, jails, [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) };
}

const archive = await joined(
  writeTar([{ header: header("hello", { size: 5 }), body: [Buffer.from("world")] }]),
);
const diffId = `sha256:${createHash("sha256").update(archive).digest("hex")}` as Digest;
const plain = () => inPieces(archive, 700);
const compressed = () => inPieces(gzipSync(archive), 50);

for (const [what, source] of [
  ["a plain", plain],
  ["a compressed", compressed],
] as const)
  test(`${what} layer is unpacked, synced, and then named after its diff id`, async () => {
    using t = testLayers();
    assert.equal(hasLayer(t.store, diffId), false);
    const folder = await unpackLayer(t.store, diffId, source);
    assert.equal(folder, join(t.store.folder, diffId.slice(7)));
    assert.ok(hasLayer(t.store, diffId));
    const [jail] = t.jails;
    assert.deepEqual([jail?.settled, jail?.synced, jail?.closed], [true, true, true]);
    assert.deepEqual(jail?.listing(), [". / 755", 'hello 644 "world"']);
    assert.deepEqual(readdirSync(t.store.folder), [diffId.slice(7)]);
  });

test("a layer that is there is not unpacked again", async () => {
  using t = testLayers();
  await unpackLayer(t.store, diffId, plain);
  await unpackLayer(t.store, diffId, () => assert.fail("the blob is not even opened"));
  assert.equal(t.jails.length, 1);
});

test("a layer that another process unpacks at the same time is kept once", async () => {
  using t = testLayers();
  await unpackLayer(t.store, diffId, async function* () {
    mkdirSync(join(layerFolder(t.store, diffId), "theirs"), { recursive: true });
    yield* plain();
  });
  assert.deepEqual(readdirSync(t.store.folder), [diffId.slice(7)]);
  assert.deepEqual(readdirSync(layerFolder(t.store, diffId)), ["theirs"]);
});

for (const [what, id, source, message] of [
  [
    "does not match its diff id",
    `sha256:${"1".repeat(64)}` as Digest,
    plain,
    /its content is sha256:.*, not sha256:1111/,
  ],
  ["is cut off", diffId, () => inPieces(archive.subarray(0, 514)), /ends inside a file/],
  ["unpacks to more than the limit", diffId, compressed, /larger than/],
] as const)
  test(`a layer that ${what} leaves nothing behind`, async () => {
    using t = testLayers();
    const options = what.includes("limit") ? { limit: 1000 } : {};
    await assert.rejects(unpackLayer(t.store, id, source, options), message);
    assert.deepEqual(readdirSync(t.store.folder), []);
    assert.ok(t.jails.every((jail) => jail.closed));
  });

test("a failure of the jail is the failure of the unpacking", async () => {
  class FullDisk extends FolderJail {
    override settle(): Promise<void> {
      return this.folder.includes(".tmp-")
        ? Promise.reject(new BrigError("exhausted", "cannot write hello: no space left on device"))
        : super.settle();
    }
  }
  using t = testLayers((folder) => new FullDisk(folder));
  await assert.rejects(unpackLayer(t.store, diffId, plain), { kind: "exhausted" });
  assert.deepEqual(readdirSync(t.store.folder), []);
});

test("layers are removed on demand, or when nothing needs them and they are old enough", async () => {
  using t = testLayers();
  await unpackLayer(t.store, diffId, plain);
  await removeLayer(t.store, diffId);
  await removeLayer(t.store, diffId);
  assert.deepEqual(readdirSync(t.store.folder), []);
  await unpackLayer(t.store, diffId, plain);
  mkdirSync(join(t.store.folder, ".tmp-interrupted"));
  assert.deepEqual(await collectLayers(t.store, { needed: new Set(), grace: 60_000 }), []);
  assert.deepEqual(await collectLayers(t.store, { needed: new Set([diffId]), grace: -60_000 }), []);
  assert.deepEqual(readdirSync(t.store.folder), [diffId.slice(7)]);
  assert.deepEqual(await collectLayers(t.store, { needed: new Set(), grace: -60_000 }), [diffId]);
  assert.deepEqual(readdirSync(t.store.folder), []);
});
