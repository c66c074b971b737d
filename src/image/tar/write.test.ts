import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { lstatSync, mkdtempSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { byteString, encodeText } from "./byte-string.ts";
import type { TarHeader } from "./entry.ts";
import { header, inPieces, joined, readAll } from "./fixture.ts";
import { type NewEntry, writeTar } from "./write.ts";

const long = `${"directory/".repeat(30)}file`;
/** vfs_cap_data, revision 2, effective: CAP_NET_RAW. */
const capability = Buffer.from("0100000200200000000000000000000000000000", "hex");
const noise = Buffer.from([0, 10, 61, 0xff, 0]);

/** Every kind, and every reason to leave ustar. */
const headers: readonly TarHeader[] = [
  header("dir/", { kind: "directory", mode: 0o1777 }),
  header("dir/file", { size: 5, mode: 0o4755, userName: encodeText("root"), uid: 1000, gid: 1000 }),
  header("dir/hard", { kind: "hard-link", linkPath: encodeText("dir/file") }),
  header("dir/soft", { kind: "symbolic-link", linkPath: encodeText("../ü/x") }),
  header("null", { kind: "character-device", device: { major: 1, minor: 3 } }),
  header("disk", { kind: "block-device", device: { major: 8, minor: 1_000_000 } }),
  header("pipe", { kind: "fifo" }),
  header(long, { size: 1024 }),
  header("x", { path: byteString(Buffer.from([0x61, 0xff, 0x62])) }),
  header("ümlaut"),
  header("n".repeat(256)),
  header("owner", { uid: 4_000_000_000, gid: 2_097_152, userName: encodeText("u".repeat(40)) }),
  header("old", { mtime: { seconds: -2, nanoseconds: 500_000_000 } }),
  header("fine", {
    mtime: { seconds: 1_600_000_000, nanoseconds: 120 },
    atime: { seconds: 5, nanoseconds: 0 },
    ctime: { seconds: 1, nanoseconds: 999_999_999 },
  }),
  header("capable", {
    xattrs: new Map([
      [encodeText("security.capability"), capability],
      [encodeText("user.empty"), Buffer.alloc(0)],
      [encodeText("user.noise"), noise],
    ]),
  }),
];

const entries: readonly NewEntry[] = headers.map((h) => ({
  header: h,
  body: [Buffer.alloc(h.size, "abcde")],
}));

test("writes every kind of entry so that it reads back the same", async () => {
  const read = await readAll(inPieces(await joined(writeTar(entries))));
  assert.deepEqual(
    read.map((entry) => ({ ...entry.header, xattrs: [...entry.header.xattrs] })),
    headers.map((h) => ({ ...h, xattrs: [...h.xattrs] })),
  );
  assert.equal(read[1]?.body.toString(), "abcde");
});

test("writes the same bytes for the same entries", async () => {
  assert.ok((await joined(writeTar(entries))).equals(await joined(writeTar(entries))));
});

test("stays with a single ustar block where everything fits", async () => {
  assert.equal((await joined(writeTar([{ header: header("a/b") }]))).length, 512 + 1024);
  const fits = `${"p".repeat(150)}/${"n".repeat(90)}`;
  assert.equal((await joined(writeTar([{ header: header(fits) }]))).length, 512 + 1024);
});

test("announces a size beyond 8 GiB in a PAX record", async () => {
  const size = 9 * 2 ** 30;
  const stream = writeTar([{ header: header("big", { size }), body: [Buffer.alloc(1)] }]);
  const blocks = (await stream.next()).value as Uint8Array;
  assert.match(Buffer.from(blocks).toString("latin1"), /19 size=9663676416\n/);
});

test("writes archives that GNU tar extracts with the same metadata", async () => {
  const folder = mkdtempSync(join(tmpdir(), "brig-tar-"));
  try {
    const usual = entries.filter((e) => e.header.path.length < 256);
    const input = await joined(writeTar(usual));
    execFileSync("tar", ["-C", folder, "--xattrs", "--xattrs-include=*", "--numeric-owner", "-xpf", "-"], {
      input,
      stdio: ["pipe", "ignore", "ignore"],
    });
    const file = lstatSync(join(folder, "dir/file"));
    assert.deepEqual([file.mode & 0o7777, file.uid, file.nlink, file.size], [0o4755, 1000, 2, 5]);
    assert.equal(readlinkSync(join(folder, "dir/soft")), "../ü/x");
    assert.equal(lstatSync(join(folder, "ümlaut")).size, 0);
    assert.equal(lstatSync(join(folder, "disk")).isBlockDevice(), true);
    assert.equal(lstatSync(Buffer.concat([Buffer.from(`${folder}/a`), Buffer.from([0xff, 0x62])])).size, 0);
    assert.equal(lstatSync(join(folder, "owner")).uid, 4_000_000_000);
    assert.equal(lstatSync(join(folder, "old")).mtimeMs, -1500);
    const again = execFileSync("tar", [
      "-C",
      folder,
      "--xattrs",
      "--xattrs-include=*",
      "-cf",
      "-",
      "capable",
    ]);
    const [capable] = await readAll(inPieces(again));
    assert.ok(capability.equals(capable!.header.xattrs.get(encodeText("security.capability"))!));
    assert.ok(noise.equals(capable!.header.xattrs.get(encodeText("user.noise"))!));
    const longInput = await joined(writeTar(entries.filter((e) => e.header.path === long)));
    execFileSync("tar", ["-C", folder, "-xpf", "-"], { input: longInput });
    assert.equal(readFileSync(join(folder, long)).length, 1024);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

for (const [what, entry, message] of [
  [
    "content shorter than announced",
    { header: header("a", { size: 3 }), body: [Buffer.from("ab")] },
    /3 bytes/,
  ],
  [
    "content longer than announced",
    { header: header("a", { size: 3 }), body: [Buffer.from("abcd")] },
    /3 bytes/,
  ],
  ["an empty name", { header: header("") }, /name/],
  ["a NUL in its name", { header: header("a\0b") }, /NUL/],
  ["a link without a target", { header: header("a", { kind: "hard-link" }) }, /target/],
  ["a size on a directory", { header: header("a", { kind: "directory", size: 1 }) }, /size/],
] as const)
  test(`refuses to write an entry with ${what}`, async () => {
    await assert.rejects(joined(writeTar([entry])), message);
  });
