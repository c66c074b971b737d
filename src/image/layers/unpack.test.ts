import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { BrigError } from "../../base/errors.ts";
import type { Digest, HostPath } from "../../base/ids.ts";
import { gone } from "../store/fixture.ts";
import { thisProcess } from "../store/owner.ts";
import { header, inPieces, joined } from "../tar/fixture.ts";
import { writeTar } from "../tar/write.ts";
import { collectLayers } from "./collect-layers.ts";
import { FakeJail } from "./fake-jail.ts";
import { confirmWhenSynced } from "./give-name.ts";
import type { Jail, Operation } from "./jail.ts";
import { hasLayer, type LayerStore, layerFolder, layerStore } from "./layer-store.ts";
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
  /** Folders that were spread, and marks that were to be emptied. */
  readonly asked: string[];
}

function testLayers(open = (folder: HostPath): Jail => new FolderJail(folder)): TestLayers {
  const root = mkdtempSync(join(tmpdir(), "brig-layers-")) as HostPath;
  const jails: FolderJail[] = [];
  const openJail = async (folder: HostPath) => {
    const jail = open(folder);
    if (jail instanceof FolderJail) jails.push(jail);
    return jail;
  };
  const asked: string[] = [];
  let last: Promise<unknown> = Promise.resolve();
  const store = layerStore(root, {
    owner: thisProcess(),
    random: (size) => randomBytes(size),
    plan: { overlay: "trusted", devices: "make" },
    openJail,
    exclusively: async (work) => {
      const done = last.then(work);
      last = done.catch(() => undefined);
      return done;
    },
    spread: async (folder) => void asked.push(folder),
    emptyWhenSynced: async (folder, names) => {
      for (const name of names) asked.push(join(folder, name));
    },
  });
  return { store, jails, asked, [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) };
}

/** A layer's folder and mark, as they are after the next start of the machine, whether or not they got to the disk. */
function reboot(t: TestLayers, damaged: boolean): void {
  const layer = layerFolder(t.store, diffId);
  if (damaged) writeFileSync(join(layer, "hello"), "");
  writeFileSync(`${layer}.unsynced`, damaged ? "11111111-1111-1111-1111-111111111111" : "");
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
  test(`${what} layer is unpacked, and then named after its diff id`, async () => {
    using t = testLayers();
    assert.equal(hasLayer(t.store, diffId), false);
    const folder = await unpackLayer(t.store, diffId, source);
    assert.equal(folder, join(t.store.folder, diffId.slice(7)));
    assert.ok(hasLayer(t.store, diffId));
    const [jail] = t.jails;
    assert.deepEqual([jail?.settled, jail?.closed], [true, true]);
    assert.deepEqual(jail?.listing(), [". / 755", 'hello 644 "world"']);
    assert.deepEqual(readdirSync(t.store.folder), [diffId.slice(7), `${diffId.slice(7)}.unsynced`]);
  });

test("unpacking tells once that layers have nothing to do with each other, and nobody waits for the disk", async () => {
  using t = testLayers();
  await unpackLayer(t.store, diffId, plain);
  await confirmWhenSynced(t.store, [diffId]);
  await confirmWhenSynced(t.store, []);
  assert.deepEqual(t.asked, [t.store.folder, `${layerFolder(t.store, diffId)}.unsynced`]);
});

test("a layer of another boot that may not have reached the disk is unpacked again", async () => {
  using t = testLayers();
  const folder = await unpackLayer(t.store, diffId, plain);
  reboot(t, true);
  assert.equal(hasLayer(t.store, diffId), false);
  await unpackLayer(t.store, diffId, plain);
  assert.equal(hasLayer(t.store, diffId), true);
  assert.deepEqual(readdirSync(folder), []); // the fake jail's files are not there; that of the other boot is gone
  assert.deepEqual(readdirSync(t.store.folder), [diffId.slice(7), `${diffId.slice(7)}.unsynced`]);
});

test("a layer of another boot that has reached the disk is used", async () => {
  using t = testLayers();
  await unpackLayer(t.store, diffId, plain);
  reboot(t, false);
  await unpackLayer(t.store, diffId, () => assert.fail("the blob is not even opened"));
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

test("layers that nothing needs are collected, with their marks", async () => {
  using t = testLayers();
  await unpackLayer(t.store, diffId, plain);
  assert.deepEqual(await collectLayers(t.store, () => new Set([diffId])), []);
  assert.equal(hasLayer(t.store, diffId), true);
  assert.deepEqual(await collectLayers(t.store, () => new Set()), [diffId]);
  assert.deepEqual(readdirSync(t.store.folder), []);
  assert.deepEqual(await collectLayers(t.store, () => new Set()), []);
});

test("a mark that says nothing any more goes with the next collection", async () => {
  using t = testLayers();
  await unpackLayer(t.store, diffId, plain);
  reboot(t, false);
  await collectLayers(t.store, () => new Set([diffId]));
  assert.deepEqual(readdirSync(t.store.folder), [diffId.slice(7)]);
});

test("what a killed process was unpacking goes beside the next unpacking and with the next collection", async () => {
  using t = testLayers();
  const leave = () => mkdirSync(join(t.store.folder, `.tmp-${gone}-00/d`), { recursive: true });
  leave();
  await unpackLayer(t.store, diffId, async function* () {
    assert.equal(readdirSync(t.store.folder).length, 1);
    leave();
    assert.deepEqual(await collectLayers(t.store, () => new Set()), []);
    assert.equal(readdirSync(t.store.folder).length, 1);
    yield* plain();
  });
  assert.ok(hasLayer(t.store, diffId));
});
