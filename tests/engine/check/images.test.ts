/** What is found in the store of images: layers and blobs that are lost, damaged, half made, or needed by nobody. */

import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { gone } from "../../../src/image/store/fixture.ts";
import { image } from "../../cli/brig.ts";
import { clean, type Damage, damagedRoot } from "./damage.ts";

const { brig, brigWith, ok, inRoot, afflict, importImage, manifestOf, blobOf, end } = damagedRoot();
const [strayId, otherBoot] = ["5".repeat(64), "00000000-0000-0000-0000-000000000000"];

before(() => ok("run", "--rm", image, "true"));
after(end);

function layersThere(): readonly string[] {
  return readdirSync(inRoot("layers")).filter((name) => /^[0-9a-f]{64}$/.test(name));
}

/** Of the image that containers are of. */
let [first, second] = ["", ""];

/** Of layers: containers that run lose files by it. */
const layerDamages: readonly Damage[] = [
  {
    what: "a layer, one of another boot, and what is no layer of an image",
    prepare: () => {
      [first, second] = layersThere() as [string, string];
    },
    make: () => {
      rmSync(inRoot("layers", first!), { recursive: true });
      writeFileSync(inRoot("layers", `${second}.unsynced`), otherBoot);
      mkdirSync(inRoot("layers", strayId, "bin"), { recursive: true });
      mkdirSync(inRoot("layers", `.tmp-${gone}-0123456789abcdef`, "bin"), { recursive: true });
      writeFileSync(inRoot("layers", `${"6".repeat(64)}.unsynced`), otherBoot);
    },
    told: [
      /^layer \S+: the image brig\.local\/hello:latest needs it, and it is not there; --repair unpacks it again/,
      /^layer \S+: the image \S+ needs it, and it is of another boot, .*; --repair unpacks it again/,
      /^layer \S+\/5{64}: no image needs it; --repair removes it/,
      /^folder \S+\/layers\/\.tmp-4194304_\S+: a layer was being unpacked or removed there, .*; --repair removes it/,
      /^mark \S+\/6{64}\.unsynced: there is no such layer; --repair removes it/,
    ],
    mended: () => ok("run", "--rm", image, "true"),
  },
  {
    what: "merged images",
    prepare: async () => {
      await ok("--storage-driver", "vfs", "run", "--rm", image, "true");
    },
    make: () => {
      mkdirSync(inRoot("merged", strayId, "bin"), { recursive: true });
      mkdirSync(inRoot("merged", `.tmp-${gone}-0123456789abcdef`, "bin"), { recursive: true });
    },
    told: [
      /^merged image \S+\/5{64}: no image needs it; --repair removes it/,
      /^folder \S+\/merged\/\.tmp-4194304_\S+: an image was being merged, copied or removed there, .*; --repair removes it/,
    ],
    // One that is needed stays.
    mended: () => assert.equal(readdirSync(inRoot("merged")).length, 1),
  },
];

/** Of images: while one of them cannot be read nothing is told to be needed by none. */
const imageDamages: readonly Damage[] = [
  {
    what: "the content of a blob, of the same size",
    prepare: () => importImage("altered"),
    make: () => {
      const file = blobOf("altered");
      const bytes = readFileSync(file);
      bytes[100]! ^= 1;
      writeFileSync(file, bytes);
    },
    told: [
      /^blob sha256:\w{64}: the image altered:latest needs it, and it has another content than its name says; --repair removes the image/,
    ],
    mended: async () => {
      assert.equal(await ok("images", "-q", "altered"), "");
      await importImage("altered");
      await ok("rmi", "altered");
    },
  },
  {
    what: "the end of a blob",
    prepare: () => importImage("short"),
    make: () => truncateSync(blobOf("short"), 100),
    told: [
      /^blob sha256:\w{64}: the image short:latest needs it, and it has 100 bytes in place of \d+; --repair removes the image/,
    ],
  },
  {
    what: "a blob",
    prepare: () => importImage("lost"),
    make: () => rmSync(blobOf("lost")),
    told: [
      /^blob sha256:\w{64}: the image lost:latest needs it, and it is not there; --repair removes the image/,
    ],
  },
  {
    what: "a manifest",
    prepare: () => importImage("unreadable"),
    make: () => {
      const file = manifestOf("unreadable");
      writeFileSync(file, readFileSync(file, "utf8").replace("layers", "lairs!"));
    },
    told: [
      /^blob sha256:\w{64}: the image unreadable:latest needs it, and it cannot be used \(.*damaged.*\); --repair removes the image/,
    ],
  },
];

test("so is that of layers", async (t) => afflict(t, layerDamages));

test("so is that of images", async (t) => afflict(t, imageDamages));

test("what no repair can mend is told with what the user can do, as a line or in a format", async () => {
  await importImage("needed");
  await ok("create", "--name", "user", "needed", "true");
  const archive = Buffer.from((await brig("save", "needed")).stdout, "latin1");
  rmSync(blobOf("needed"));
  for (const options of [[], ["--repair"]]) {
    const { code, stdout } = await brig("system", "check", ...options);
    assert.equal(code, 1);
    assert.match(
      stdout,
      /^blob sha256:\w{64}: the image needed:latest needs it, and it is not there; no repair: load .*user\)\n$/,
    );
  }
  const { stdout } = await brig("system", "check", "--format", "json");
  const { What, Outcome, Repair, Advice } = JSON.parse(stdout);
  assert.deepEqual([What, Outcome, Repair], ["blob", "found", ""]);
  assert.match(Advice, /^load the image again/);
  assert.equal((await brig("system", "check", "--format", "{{.What}} {{.Outcome}}")).stdout, "blob found\n");
  assert.equal((await brigWith(archive, "load")).code, 0);
  await ok("rm", "user");
  assert.deepEqual(await brig("system", "check"), clean);
  await ok("rmi", "needed");
});
