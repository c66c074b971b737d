import assert from "node:assert/strict";
import { test } from "node:test";
import { BrigError } from "../../base/errors.ts";
import { encodeText } from "../tar/byte-string.ts";
import type { TarHeader } from "../tar/entry.ts";
import { header, inPieces, joined, rawEntry, rawPax } from "../tar/fixture.ts";
import { readTar } from "../tar/read.ts";
import { type NewEntry, writeTar } from "../tar/write.ts";
import { FakeJail } from "./fake-jail.ts";
import { type PlanOptions, planLayer } from "./plan.ts";

const asRoot: PlanOptions = { overlay: "trusted", devices: "make" };

async function unpack(archive: Uint8Array, options = asRoot): Promise<FakeJail> {
  const jail = new FakeJail();
  for await (const batch of planLayer(readTar(inPieces(archive, 5000)), options)) await jail.run(batch);
  await jail.settle();
  return jail;
}

const layer = async (entries: readonly NewEntry[], options = asRoot) =>
  unpack(await joined(writeTar(entries)), options);

const file = (path: string, content = "", over: Partial<TarHeader> = {}): NewEntry => ({
  header: header(path, { size: Buffer.byteLength(content), ...over }),
  body: [Buffer.from(content)],
});
const dir = (path: string, over: Partial<TarHeader> = {}): NewEntry => ({
  header: header(path, { kind: "directory", mode: 0o755, ...over }),
});
const link = (path: string, target: string): NewEntry => ({
  header: header(path, { kind: "symbolic-link", linkPath: encodeText(target) }),
});
const hard = (path: string, target: string, over: Partial<TarHeader> = {}): NewEntry => ({
  header: header(path, { kind: "hard-link", linkPath: encodeText(target), ...over }),
});
const device = (path: string, major: number, minor: number): NewEntry => ({
  header: header(path, { kind: "character-device", device: { major, minor } }),
});
const xattrs = (values: Readonly<Record<string, string>>) => ({
  xattrs: new Map(
    Object.entries(values).map(([name, value]) => [encodeText(name), Buffer.from(value)] as const),
  ),
});

const opaque = "trusted.overlay.opaque";

/** What is in the layer, and what is to be on the disk; the root is left out. */
const cases: readonly (readonly [string, readonly NewEntry[], readonly string[]])[] = [
  [
    "every kind of file",
    [
      dir("./"),
      dir("d/", { mode: 0o1777 }),
      file("d/f", "hello", { uid: 5, gid: 6, mode: 0o4755 }),
      hard("d/h", "d/f", { uid: 5, gid: 6, mode: 0o4755 }),
      link("l", "d/f"),
      device("null", 1, 3),
      { header: header("p", { kind: "fifo" }) },
    ],
    ["d / 1777", 'd/f 4755 "hello" 5:6', 'd/h 4755 "hello" 5:6', "l -> d/f", "null c 1:3", "p | 644"],
  ],
  [
    "absolute names, dots and double slashes",
    [file("/a/./b//c", "x")],
    ["a / 755", "a/b / 755", 'a/b/c 644 "x"'],
  ],
  ["names that go up and stay inside", [file("a/../b", "x")], ['b 644 "x"']],
  [
    "parents after their children",
    [file("a/b", "x"), dir("a/", { mode: 0o700 })],
    ["a / 700", 'a/b 644 "x"'],
  ],
  ["the last of several entries of a name", [file("a", "1"), file("a", "2"), link("a", "z")], ["a -> z"]],
  ["a file in place of a folder", [dir("a"), file("a/b", "1"), file("a", "2")], ['a 644 "2"']],
  ["a folder in place of a file", [file("a", "1"), dir("a"), file("a/b", "2")], ["a / 755", 'a/b 644 "2"']],
  [
    "a folder in place of a symbolic link",
    [dir("real"), link("a", "real"), dir("a"), file("a/b", "1")],
    ["a / 755", 'a/b 644 "1"', "real / 755"],
  ],
  [
    "a symbolic link on the way, kept inside",
    [link("a", "/../../usr/lib"), file("a/b", "1")],
    ["a -> /../../usr/lib", "usr / 755", "usr/lib / 755", 'usr/lib/b 644 "1"'],
  ],
  [
    "a relative symbolic link on the way",
    [dir("x/y"), link("x/up", "../z/."), file("x/up/b", "1")],
    ["x / 755", "x/up -> ../z/.", "x/y / 755", "z / 755", 'z/b 644 "1"'],
  ],
  [
    "folders of similar names, one after the other",
    [dir("a/b//"), file("a/b/c", "1"), dir("a/b/."), file("a/c", "2")],
    ["a / 755", "a/b / 755", 'a/b/c 644 "1"', 'a/c 644 "2"'],
  ],
  ["whiteouts", [dir("d"), file("d/.wh.gone"), file(".wh.top")], ["d / 755", "d/gone c 0:0", "top c 0:0"]],
  ["an opaque folder", [file("d/.wh..wh..opq"), file("d/x", "1")], [`d / 755 ${opaque}`, 'd/x 644 "1"']],
  ["a whiteout of a file of its own layer", [file("a", "1"), file(".wh.a")], ['a 644 "1"']],
  ["a file after its own whiteout", [file(".wh.a"), file("a", "1")], ['a 644 "1"']],
  ["a folder of its own layer and its whiteout", [dir("a"), file(".wh.a")], [`a / 755 ${opaque}`]],
  [
    "a folder after its own whiteout",
    [file(".wh.a"), dir("a"), file("a/b", "1")],
    [`a / 755 ${opaque}`, 'a/b 644 "1"'],
  ],
  [
    "an implied folder after its own whiteout",
    [file(".wh.a"), file("a/b", "1")],
    [`a / 755 ${opaque}`, 'a/b 644 "1"'],
  ],
  ["the same whiteout twice", [file(".wh.a"), file(".wh.a")], ["a c 0:0"]],
  [
    "bookkeeping of aufs, and links into it",
    [
      dir(".wh..wh.plnk"),
      file(".wh..wh.plnk/1.2", "x"),
      hard("a", ".wh..wh.plnk/1.2"),
      file("d/.wh..wh.orph"),
    ],
    ['a 644 "x"', "d / 755"],
  ],
  [
    "a hard link over another file",
    [file("a", "1"), file("b", "2"), hard("b", "/a")],
    ['a 644 "1"', 'b 644 "1"'],
  ],
  ["a hard link to itself", [file("a", "1"), hard("a", "./a")], ['a 644 "1"']],
  ["a hard link to a symbolic link", [link("a", "z"), hard("b", "a")], ["a -> z", "b -> z"]],
  [
    "a hard link through a symbolic link",
    [file("d/f", "1"), link("l", "d"), hard("x", "l/f")],
    ["d / 755", 'd/f 644 "1"', "l -> d", 'x 644 "1"'],
  ],
  [
    "a hard link with another owner, which keeps the capability",
    [file("a", "1", xattrs({ "security.capability": "cap" })), hard("b", "a", { uid: 7 })],
    ['a 644 "1" 7:0 security.capability', 'b 644 "1" 7:0 security.capability'],
  ],
  [
    "extended attributes that belong to a file, and no others",
    [
      file(
        "a",
        "",
        xattrs({
          "user.x": "1",
          "trusted.overlay.redirect": "/etc",
          "user.overlay.opaque": "y",
          "security.selinux": "s",
        }),
      ),
      dir("d", xattrs({ "system.posix_acl_default": "acl", "trusted.overlay.opaque": "y" })),
    ],
    ['a 644 "" user.x', "d / 755 system.posix_acl_default"],
  ],
  ["the owner nobody as -2", [file("a", "", { uid: -2 })], ['a 644 "" 4294967294:0']],
];

for (const [what, entries, expected] of cases)
  test(`unpacks ${what}`, async () => {
    const jail = await layer(entries);
    assert.deepEqual(
      jail.listing().filter((line) => !line.startsWith(". ")),
      [...expected].sort(),
    );
  });

test("uses overlayfs' user attributes, and leaves devices out, in a user namespace", async () => {
  const jail = await layer([dir("d"), file("d/.wh..wh..opq"), device("null", 1, 3), file(".wh.a")], {
    overlay: "user",
    devices: "skip",
  });
  assert.deepEqual(jail.listing(), [". / 755", "a c 0:0", "d / 755 user.overlay.opaque"]);
});

test("gives folders their times after everything that is in them", async () => {
  const mtime = { seconds: 1234, nanoseconds: 5 };
  const jail = await layer([
    dir("./", { mtime, mode: 0o711 }),
    dir("d", { mtime }),
    file("d/f", "1"),
    file("x", "1"),
  ]);
  assert.deepEqual(jail.nodes.get("d")?.times, { atime: mtime, mtime });
  assert.deepEqual(jail.nodes.get(".")?.times, { atime: mtime, mtime });
  assert.equal(jail.nodes.get(".")?.owner.mode, 0o711);
});

test("keeps the holes of sparse files", async () => {
  const archive = Buffer.concat([
    rawPax([
      ["GNU.sparse.map", "10,3"],
      ["GNU.sparse.size", "20"],
    ]),
    rawEntry("0", "s", "abc"),
  ]);
  const content = (await unpack(archive)).nodes.get("s")!.content;
  assert.equal(content.toString("latin1"), `${"\0".repeat(10)}abc${"\0".repeat(7)}`);
});

test("sends a layer of many files in batches", async () => {
  const many = Array.from({ length: 3000 }, (_, i) => file(`d${i % 7}/f${i}`, "content"));
  const jail = await layer(many);
  assert.equal(jail.nodes.size, 3008);
  assert.ok(jail.batches.length < 40, `${jail.batches.length} batches`);
  const big = await layer([file("big", "x".repeat(5 << 20))]);
  assert.ok(big.batches.length >= 5, "large files do not wait to be complete");
});

const bad: readonly (readonly [string, readonly NewEntry[], RegExp])[] = [
  ["a name that leaves the layer", [file("../etc/passwd", "x")], /leads out of the archive/],
  ["a name that goes up too far", [file("a/../../b", "x")], /leads out of the archive/],
  ["a hard link that leaves the layer", [hard("a", "../../etc/shadow")], /leads out of the archive/],
  ["a hard link to a file of another layer", [hard("a", "b")], /not in the same layer/],
  ["a hard link to a folder", [dir("d"), hard("a", "d")], /not in the same layer/],
  ["a hard link to a whiteout", [file(".wh.d"), hard("a", "d")], /not in the same layer/],
  [
    "a hard link that replaces its target's folder",
    [file("d/f", "1"), hard("d", "d/f")],
    /links to what it replaces/,
  ],
  ["a whiteout of its own folder", [file("d/.wh..")], /removes nothing that has a name/],
  ["a whiteout of the folder above", [file("d/.wh...")], /removes nothing that has a name/],
  ["a whiteout without a name", [file("d/.wh.")], /removes nothing that has a name/],
  ["a file in a folder named like a whiteout", [file(".wh.d/f", "1")], /reserved name/],
  ["a file below a file", [file("a", "1"), file("a/b", "2")], /in the place of its folder/],
  ["symbolic links in a circle", [link("a", "b"), link("b", "a"), file("a/f", "1")], /too many levels/],
  ["a root that is no folder", [file("./.", "x")], /root of a layer/],
  ["the owner -1", [file("a", "", { uid: -1 })], /uid -1/],
  ["an owner beyond 32 bits", [file("a", "", { gid: 2 ** 32 })], /gid 4294967296/],
  ["a path of too many components", [file(`${"a/".repeat(1100)}f`)], /too deep/],
];

for (const [what, entries, message] of bad)
  test(`refuses ${what}`, async () => {
    await assert.rejects(layer(entries), (error) => {
      assert.ok(error instanceof BrigError && error.kind === "invalid", String(error));
      assert.match(error.message, message);
      return true;
    });
  });

test("plans 3,000 hostile layers without ever breaking a promise to the jail", async () => {
  let state = 7;
  const random = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const parts = ["a", "b", "c", "..", ".", "", ".wh.a", ".wh..wh..opq", ".wh..wh.plnk", ".wh.", "l"];
  const name = () =>
    Array.from({ length: 1 + random(4) }, () => parts[random(random(3) === 0 ? parts.length : 3)]).join(
      "/",
    ) || "a";
  const make = [file, dir, link, hard, () => device(name(), 0, 0)] as const;
  let refused = 0;
  for (let round = 0; round < 3000; round++) {
    const entries = Array.from({ length: 1 + random(12) }, () =>
      make[random(make.length)]!(name(), name() as never),
    );
    try {
      await layer(
        entries.map(({ header: h, body }) =>
          h.kind === "directory"
            ? { header: header(h.path, { kind: "directory" }) }
            : { header: h, body: body ?? [] },
        ),
      );
    } catch (error) {
      if (!(error instanceof BrigError) || error.kind !== "invalid") throw error;
      refused++;
    }
  }
  assert.ok(refused > 300 && refused < 2700, `${refused} of 3000 were refused`);
});
