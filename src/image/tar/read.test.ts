import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  closeSync,
  ftruncateSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { BrigError } from "../../base/errors.ts";
import { byteString, encodeText } from "./byte-string.ts";
import { endBlocks, inPieces, octal, rawBlock, rawEntry, rawPax, readAll } from "./fixture.ts";
import { readTar } from "./read.ts";

let folder = "";
before(() => {
  folder = mkdtempSync(join(tmpdir(), "brig-tar-"));
  const tree = join(folder, "tree");
  mkdirSync(join(tree, "dir"), { recursive: true, mode: 0o755 });
  writeFileSync(join(tree, "dir/file"), "hello\n", { mode: 0o640 });
  utimesSync(join(tree, "dir/file"), 1_600_000_000.25, 1_600_000_000.25);
  symlinkSync("file", join(tree, "dir/link"));
  linkSync(join(tree, "dir/file"), join(tree, "dir/other-name"));
  writeFileSync(join(tree, "empty"), "");
  execFileSync("mkfifo", [join(tree, "pipe")]);
  execFileSync("mknod", [join(tree, "null"), "c", "1", "3"]);
  execFileSync("mknod", [join(tree, "disk"), "b", "8", "300"]);
  writeFileSync(join(tree, "long"), `${"x".repeat(100_000)}end`);
  const sparse = openSync(join(tree, "sparse"), "w");
  for (let run = 0; run < 40; run++)
    writeSync(sparse, Buffer.alloc(4096, 65 + (run % 26)), 0, 4096, run * 131072);
  ftruncateSync(sparse, 8_000_000);
  closeSync(sparse);
});
after(() => rmSync(folder, { recursive: true, force: true }));

function gnuTar(...options: string[]): Buffer {
  return execFileSync("tar", ["-C", join(folder, "tree"), "--sort=name", "-cf", "-", ...options, "."], {
    maxBuffer: 64 << 20,
  });
}

for (const format of ["v7", "ustar", "oldgnu", "gnu", "pax"])
  test(`reads every kind of file that GNU tar writes as ${format}`, async () => {
    const exclude = format === "v7" ? ["--exclude=null", "--exclude=disk", "--exclude=pipe"] : [];
    const archive = gnuTar(`--format=${format}`, ...exclude);
    for (const size of [4099, archive.length]) {
      const entries = new Map(
        (await readAll(inPieces(archive, size))).map((e) => [e.header.path as string, e]),
      );
      assert.equal(entries.get("./")?.header.kind, "directory");
      const file = entries.get("./dir/file")!;
      assert.deepEqual(
        [file.header.kind, file.header.mode, file.body.toString()],
        ["file", 0o640, "hello\n"],
      );
      assert.equal(file.header.mtime.seconds, 1_600_000_000);
      assert.equal(file.header.mtime.nanoseconds, format === "pax" ? 250_000_000 : 0);
      assert.equal(entries.get("./dir/other-name")?.header.kind, "hard-link");
      assert.equal(entries.get("./dir/other-name")?.header.linkPath, "./dir/file");
      assert.equal(entries.get("./dir/link")?.header.linkPath, "file");
      assert.equal(entries.get("./long")?.body.length, 100_003);
      assert.equal(entries.get("./sparse")?.body.length, 8_000_000);
      if (format === "v7") continue;
      assert.equal(entries.get("./pipe")?.header.kind, "fifo");
      assert.deepEqual(entries.get("./null")?.header.device, { major: 1, minor: 3 });
      assert.deepEqual(entries.get("./disk")?.header.device, { major: 8, minor: 300 });
      assert.equal(file.header.userName, "root");
    }
  });

for (const [name, ...options] of [
  ["old GNU", "--format=gnu"],
  ["PAX 0.0", "--format=pax", "--sparse-version=0.0"],
  ["PAX 0.1", "--format=pax", "--sparse-version=0.1"],
  ["PAX 1.0", "--format=pax", "--sparse-version=1.0"],
])
  test(`gives a ${name} sparse file its name, its size, its runs and its holes`, async () => {
    const archive = gnuTar("--sparse", ...options);
    assert.ok(archive.length < 1_000_000, "the archive itself is sparse");
    const entries = await readAll(inPieces(archive, 3000));
    const sparse = entries.find((e) => e.header.path === "./sparse")!;
    assert.equal(sparse.header.size, 8_000_000);
    assert.ok(sparse.body.equals(readFileSync(join(folder, "tree/sparse"))));
    for await (const entry of readTar(inPieces(archive))) {
      if (entry.header.path !== "./sparse") continue;
      let stored = 0;
      for await (const { bytes } of entry.extents) stored += bytes.length;
      assert.equal(stored, 40 * 4096);
    }
  });

test("keeps names that are not UTF-8, long names and long link targets", async () => {
  const odd = byteString(Buffer.from([0x66, 0xff, 0xe9, 0x2f, 0x01, 0x67]));
  const long = `${"d/".repeat(300)}end`;
  const archive = Buffer.concat([
    rawEntry("0", odd),
    rawEntry("L", "././@LongLink", `${long}\0`),
    rawEntry("K", "././@LongLink", `${long}2\0`),
    rawBlock("2", { name: "cut off", linkName: "cut off" }, "ustar  \0"),
    rawPax([["path", Buffer.from([0xff, 0x2f, 0xfe])]]),
    rawEntry("0", "cut off"),
    endBlocks(),
  ]);
  const [first, second, third] = await readAll(inPieces(archive));
  assert.equal(first?.header.path, odd);
  assert.deepEqual([second?.header.path, second?.header.linkPath], [long, `${long}2`]);
  assert.equal(third?.header.path, byteString(Buffer.from([0xff, 0x2f, 0xfe])));
});

test("keeps the bytes of extended attributes, whichever of the two ways they are written in", async () => {
  const capability = Buffer.from([1, 0, 0, 2, 0, 0x20, 0, 0, 10, 61, 0xff, 0, 0, 0]);
  const archive = Buffer.concat([
    rawPax([
      ["SCHILY.xattr.security.capability", capability],
      ["LIBARCHIVE.xattr.user.a%20b", capability.toString("base64")],
      ["SCHILY.xattr.user.empty", ""],
    ]),
    rawEntry("0", "file"),
    rawEntry("0", "next"),
    endBlocks(),
  ]);
  const [file, next] = await readAll(inPieces(archive));
  const xattrs = file!.header.xattrs;
  assert.deepEqual([...xattrs.keys()].sort(), ["security.capability", "user.a b", "user.empty"]);
  assert.ok(capability.equals(xattrs.get(encodeText("security.capability"))!));
  assert.ok(capability.equals(xattrs.get(encodeText("user.a b"))!));
  assert.equal(next?.header.xattrs.size, 0);
});

test("applies global records until they are overridden, but lets them rename or resize nothing", async () => {
  const archive = Buffer.concat([
    rawPax(
      [
        ["uid", "7"],
        ["gname", "crew"],
        ["path", "evil"],
        ["size", "0"],
      ],
      "g",
    ),
    rawEntry("0", "one", "abc"),
    rawPax([
      ["uid", "8"],
      ["mtime", "-1.5"],
    ]),
    rawEntry("0", "two"),
    endBlocks(),
  ]);
  const [one, two] = await readAll(inPieces(archive));
  assert.deepEqual([one?.header.path, one?.header.uid, one?.header.groupName], ["one", 7, "crew"]);
  assert.equal(one?.body.toString(), "abc");
  assert.deepEqual([two?.header.uid, two?.header.mtime], [8, { seconds: -2, nanoseconds: 500_000_000 }]);
});

test("reads base-256 numbers, negative ones too", async () => {
  const minusTwo = `${"\xff".repeat(7)}\xfe`;
  const block = rawBlock("0", {
    uid: minusTwo,
    gid: "\x80\0\0\0\0\x12\x34\x56",
    mtime: `${"\xff".repeat(12)}`,
  });
  const [entry] = await readAll(inPieces(Buffer.concat([block, endBlocks()])));
  assert.deepEqual([entry?.header.uid, entry?.header.gid], [-2, 0x123456]);
  assert.equal(entry?.header.mtime.seconds, -1);
});

test("accepts the sum of signed bytes as a checksum", async () => {
  const block = rawBlock("0", { name: "\xe9\xe9" });
  const sum = Number.parseInt(block.toString("latin1", 148, 154), 8);
  block.write(`${octal(sum - 512, 6)}\0 `, 148, "latin1");
  const [entry] = await readAll(inPieces(Buffer.concat([block, endBlocks()])));
  assert.equal(entry?.header.path, "\xe9\xe9");
});

test("accepts an archive without end blocks, an empty one, and garbage after the end, reading all of it", async () => {
  assert.equal((await readAll(inPieces(rawEntry("0", "a", "xyz")))).length, 1);
  assert.equal((await readAll(inPieces(Buffer.alloc(0)))).length, 0);
  const withoutPadding = rawEntry("0", "a", "xyz").subarray(0, 515);
  assert.equal((await readAll(inPieces(withoutPadding))).length, 1);
  let given = 0;
  async function* counted(): AsyncGenerator<Uint8Array> {
    for (const part of [rawEntry("0", "a"), endBlocks(), Buffer.from("garbage"), Buffer.alloc(70_000, 1)]) {
      given += part.length;
      yield part;
    }
  }
  assert.equal((await readAll(counted())).length, 1);
  assert.equal(given, 512 + 1024 + 7 + 70_000);
});

test("skips what is not read and refuses content of an entry that is past", async () => {
  const archive = Buffer.concat([rawEntry("0", "a", "x".repeat(2000)), rawEntry("0", "b", "y"), endBlocks()]);
  const seen: string[] = [];
  let first: AsyncIterable<unknown> | undefined;
  for await (const entry of readTar(inPieces(archive, 100))) {
    seen.push(entry.header.path);
    first ??= entry.extents;
  }
  assert.deepEqual(seen, ["a", "b"]);
  await assert.rejects(async () => {
    for await (const _ of first!);
  }, /after the next entry/);
});

test("closes its source when the reader stops early", async () => {
  let closed = false;
  async function* source(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield rawEntry("0", "again");
    } finally {
      closed = true;
    }
  }
  for await (const _ of readTar(source())) break;
  assert.ok(closed);
});

const pax = (...records: readonly (readonly [string, string])[]) =>
  Buffer.concat([rawPax(records), rawEntry("0", "f")]);
const sized = (flag: string, size: string) => rawBlock(flag, { size, linkName: "target" });
const sparse = (map: string, size: string, data: string) =>
  Buffer.concat([
    rawPax([
      ["GNU.sparse.map", map],
      ["GNU.sparse.size", size],
    ]),
    rawEntry("0", "f", data),
  ]);

const bad: readonly (readonly [string, Buffer, RegExp])[] = [
  ["a header cut off", rawEntry("0", "a").subarray(0, 300), /ends inside a header/],
  ["content cut off", rawEntry("0", "a", "x".repeat(600)).subarray(0, 700), /ends inside a file/],
  [
    "an extended header cut off",
    rawPax([["path", "x".repeat(600)]]).subarray(0, 700),
    /ends inside an extended header/,
  ],
  ["a long name without a file", rawEntry("L", "l", "name\0"), /ends after an extended header/],
  ["a wrong checksum", rawBlock("0", { checksum: "0000001\0" }), /checksum/],
  ["a letter in a number", rawBlock("0", { uid: "00x0000\0" }), /owner of an entry is not a number/],
  ["a negative size", sized("0", "\xff".repeat(12)), /negative/],
  ["a size beyond 53 bits", sized("0", `\x80\0\0\0\x7f${"\xff".repeat(7)}`), /too large/],
  ["a PAX size beyond 53 bits", pax(["size", "9223372036854775807"]), /too large/],
  ["a negative PAX size", pax(["size", "-1"]), /negative/],
  ["a PAX header over the limit", rawBlock("x", { size: `${octal(1024 * 1024 + 1, 11)}\0` }), /larger than/],
  ["a long name over the limit", rawBlock("L", { size: `${octal(1024 * 1024 + 1, 11)}\0` }), /larger than/],
  ["a PAX record too long for its header", rawEntry("x", "p", "99 path=x\n"), /wrong length/],
  ["a PAX record shorter than its key", rawEntry("x", "p", "3 path=x\n"), /wrong length/],
  ["a PAX record of length 0", rawEntry("x", "p", "0 path=x\n"), /wrong length/],
  ["a PAX record without a newline", rawEntry("x", "p", "9 path=xy"), /wrong length/],
  ["a PAX record without a key", rawEntry("x", "p", "5 =x\n"), /no key/],
  ["a NUL in a PAX name", pax(["path", "a\0b"]), /NUL/],
  ["a NUL in a long name", Buffer.concat([rawEntry("L", "l", "a\0b"), rawEntry("0", "f")]), /NUL/],
  ["a NUL in the name of an xattr", pax(["LIBARCHIVE.xattr.user.a%00b", ""]), /bad name/],
  ["a PAX time that is none", pax(["mtime", "noon"]), /not a time/],
  ["an entry without a name", rawBlock("0", { name: "\0" }), /no name/],
  ["a link without a target", rawBlock("2", {}), /no target/],
  ["a size on a symbolic link", sized("2", "00000000010\0"), /no content/],
  ["a size on a hard link", sized("1", "00000000010\0"), /no content/],
  ["an unknown type", rawBlock("Q", {}), /unknown type/],
  ["a device number out of range", rawBlock("3", { deviceMajor: "0010000\0" }), /out of range/],
  ["a lone zero block", Buffer.concat([Buffer.alloc(512), rawEntry("0", "a")]), /single zero block/],
  ["overlapping sparse runs", sparse("0,10,5,10", "100", "x".repeat(20)), /out of order/],
  ["a sparse run past the end", sparse("90,20", "100", "x".repeat(20)), /contradicts/],
  ["sparse runs that do not add up", sparse("0,10", "100", "x".repeat(20)), /contradicts/],
  ["half a sparse run", sparse("0,10,20", "100", "x".repeat(10)), /incomplete/],
  ["sparse offsets out of turn", pax(["GNU.sparse.numbytes", "1"]), /out of order/],
];

for (const [what, archive, message] of bad)
  test(`refuses an archive with ${what}`, async () => {
    for (const size of [archive.length, 100])
      await assert.rejects(readAll(inPieces(archive, size)), (error) => {
        assert.ok(error instanceof BrigError && error.kind === "invalid", String(error));
        assert.match(error.message, message);
        return true;
      });
  });

test("survives 3,000 mutated archives with entries or a BrigError, nothing else", async () => {
  const seeds = [
    gnuTar("--format=gnu", "--sparse"),
    gnuTar("--format=pax", "--sparse"),
    pax(["path", "p"], ["mtime", "1.5"]),
  ];
  const random = generator(42);
  let refused = 0;
  for (let round = 0; round < 3000; round++) {
    const archive = Buffer.from(seeds[round % seeds.length]!.subarray(0, 20_000));
    for (let change = 0; change <= random(6); change++) mutate(archive, random);
    try {
      for await (const entry of readTar(inPieces(archive, 1 + random(5000))))
        if (random(2) === 0) for await (const _ of entry.extents);
    } catch (error) {
      if (!(error instanceof BrigError) || error.kind !== "invalid") throw error;
      refused++;
    }
  }
  assert.ok(refused > 500, "the mutations reach the guards");
});

/** Numerical Recipes' linear congruential generator: the same archives on every run. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Changes a few bytes, and mends the checksum of the block half of the time so that the fields are looked at. */
function mutate(archive: Buffer, random: (below: number) => number): void {
  const start = random(Math.floor(archive.length / 512)) * 512;
  const interesting = [0, 0x20, 0x2f, 0x30, 0x37, 0x38, 0x3d, 0x7f, 0x80, 0xff];
  const at = start + [random(512), 124 + random(12), 156, random(100), 345 + random(140)][random(5)]!;
  archive[at] = random(2) === 0 ? random(256) : interesting[random(interesting.length)]!;
  if (random(2) === 0) return;
  let sum = 256;
  for (let i = 0; i < 512; i++) sum += i >= 148 && i < 156 ? 0 : archive[start + i]!;
  archive.write(`${octal(sum, 6)}\0 `, start + 148, "latin1");
}
