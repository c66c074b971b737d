import assert from "node:assert/strict";
import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import {
  attributes,
  directory,
  file,
  link,
  makeDeep,
  mounted,
  name,
  type Place,
  place,
  readXattr,
  shim,
} from "../../../tests/fixtures/jail.ts";
import { BrigError } from "../../base/errors.ts";
import type { ByteString } from "../tar/byte-string.ts";
import type { Operation } from "./jail.ts";
import { sessionJail } from "./session-jail.ts";

/** What the operations of one jail come to. */
async function perform(where: Place, ...operations: readonly Operation[]): Promise<void> {
  const jail = await sessionJail({ shim, directory: where.inside });
  try {
    await jail.run(operations);
    await jail.settle();
  } finally {
    await jail.close();
  }
}

function remove(path: string): Operation {
  return { kind: "remove", path: name(path) };
}

test("files, folders and links come out with their content, owners, modes and times", async () => {
  using at = place();
  const times = {
    atime: { seconds: -1, nanoseconds: 999_999_999 },
    mtime: { seconds: 4_000_000_000, nanoseconds: 7 },
  };
  await perform(
    at,
    { kind: "ownership", path: name("."), owner: { uid: 5, gid: 6, mode: 0o711 } },
    directory("d", 0o2770),
    ...file("d/sudo", "#!", { owner: { uid: 4_294_967_294, gid: 1000, mode: 0o6755 }, times }),
    ...file("d/empty"),
    { kind: "hard-link", path: name("other"), target: name("d/sudo") },
    link("l", "/d/../sudo"),
    { kind: "hard-link", path: name("l2"), target: name("l") },
    { kind: "node", path: name("p"), type: "fifo", device: { major: 0, minor: 0 }, attributes: attributes() },
    {
      kind: "node",
      path: name("d/gone"),
      type: "character-device",
      device: { major: 0, minor: 0 },
      attributes: attributes({ owner: { uid: 0, gid: 0, mode: 0 } }),
    },
    {
      kind: "node",
      path: name("b"),
      type: "block-device",
      device: { major: 300, minor: 70000 },
      attributes: attributes({ owner: { uid: 1, gid: 2, mode: 0o4660 } }),
    },
    { kind: "ownership", path: name("d/empty"), owner: { uid: 8, gid: 9, mode: 0o600 } },
    { kind: "finish", path: name("d"), xattrs: [], times },
  );
  const stat = (path: string) => lstatSync(join(at.inside, path), { bigint: true });
  const shown = (path: string) => {
    const { uid, gid, mode } = stat(path);
    return `${uid}:${gid} ${mode.toString(8)}`;
  };
  assert.equal(shown("."), "5:6 40711");
  assert.equal(shown("d"), "0:0 42770");
  assert.equal(shown("d/sudo"), "4294967294:1000 106755");
  assert.equal(shown("d/empty"), "8:9 100600");
  assert.equal(shown("p"), "0:0 10644");
  assert.equal(shown("b"), "1:2 64660");
  assert.equal(shown("d/gone"), "0:0 20000");
  assert.equal(stat("d/gone").rdev, 0n);
  assert.equal(stat("b").rdev, (300n << 8n) | (70000n & 0xffn) | ((70000n & ~0xffn) << 12n));
  assert.equal(stat("d/sudo").ino, stat("other").ino);
  assert.equal(stat("l").ino, stat("l2").ino);
  assert.equal(readlinkSync(join(at.inside, "l")), "/d/../sudo");
  for (const path of ["d", "d/sudo"]) {
    assert.equal(stat(path).atimeNs, -1n, path);
    assert.equal(stat(path).mtimeNs, 4_000_000_000_000_000_007n, path);
  }
  assert.equal(stat("l").mtimeNs, 1_700_000_000_123_456_789n);
  assert.equal(readFileSync(join(at.inside, "d/sudo"), "utf8"), "#!");
});

test("extended attributes are kept, also on links and whiteouts", async () => {
  using at = place();
  // struct vfs_cap_data: version 2, effective; cap_net_raw
  const capability = Buffer.from("0100000200200000000000000000000000000000", "hex");
  const xattr = (text: string, value: Buffer) => ({ name: name(text), value, required: true });
  const trusted = [xattr("trusted.brig", Buffer.from([0, 255]))];
  await perform(
    at,
    ...file("ping", "x", {
      xattrs: [xattr("security.capability", capability), xattr("user.a", Buffer.alloc(0))],
    }),
    directory("d"),
    directory("d/e"),
    { kind: "finish", path: name("d"), xattrs: [xattr("trusted.overlay.opaque", Buffer.from("y"))] },
    {
      kind: "symbolic-link",
      path: name("d/e/l"),
      target: name("t"),
      attributes: attributes({ xattrs: trusted }),
    },
    {
      kind: "node",
      path: name("p"),
      type: "fifo",
      device: { major: 0, minor: 0 },
      attributes: attributes({
        xattrs: [...trusted, { ...xattr("user.no", Buffer.from("x")), required: false }],
      }),
    },
  );
  const read = (path: string, text: string) => readXattr(join(at.inside, path), text);
  assert.deepEqual(await read("ping", "security.capability"), capability);
  assert.equal((await read("ping", "user.a")).length, 0);
  assert.equal(String(await read("d", "trusted.overlay.opaque")), "y");
  assert.deepEqual(await read("d/e/l", "trusted.brig"), Buffer.from([0, 255]));
  assert.deepEqual(await read("p", "trusted.brig"), Buffer.from([0, 255]));
});

test("holes take no room, at the beginning, in the middle and at the end", async () => {
  using at = place();
  const mib = 1 << 20;
  const end = { kind: "seal", path: name("f"), size: 6 * 2 ** 30, attributes: attributes() } as const;
  await perform(
    at,
    { kind: "file", path: name("f") },
    { kind: "data", offset: mib, bytes: Buffer.from("one") },
    { kind: "data", offset: mib + 3, bytes: Buffer.from("two") },
    { kind: "data", offset: 5 * 2 ** 30, bytes: Buffer.from("three") },
    end,
  );
  const path = join(at.inside, "f");
  assert.equal(statSync(path).size, end.size);
  assert.ok(statSync(path).blocks * 512 < mib);
  const fd = openSync(path, "r");
  const read = (length: number, position: number) => {
    const buffer = Buffer.alloc(length);
    readSync(fd, buffer, 0, length, position);
    return buffer.toString();
  };
  assert.equal(read(8, mib - 1), "\0onetwo\0");
  assert.equal(read(7, 5 * 2 ** 30 - 1), "\0three\0");
  closeSync(fd);
});

test("names are bytes, and a path may be longer than the kernel takes at once", async () => {
  using at = place();
  const long = Array.from({ length: 40 }, (_, i) => `${i}-${"x".repeat(200)}`);
  const folders = long.map((_, i) => directory(long.slice(0, i + 1).join("/")));
  const odd = "caf\xe9\n\xff" as ByteString;
  await perform(at, ...folders, ...file(`${long.join("/")}/f`, "deep"), {
    ...link("x", "y"),
    path: odd,
    target: "\xfe" as ByteString,
  } as Operation);
  const raw = readdirSync(at.inside, { encoding: "buffer" }).map((bytes) => bytes.toString("latin1"));
  assert.ok(raw.includes(odd));
  await perform(at, remove(long[0]!));
  assert.deepEqual(readdirSync(at.inside, { encoding: "buffer" }).length, 1);
});

const escapes: Readonly<Record<string, readonly Operation[]>> = {
  "a file through an absolute link": [link("l", "OUTSIDE"), ...file("l/x", "evil")],
  "a file through a link upwards": [link("l", "../outside"), ...file("l/x", "evil")],
  "a file through a link to the root": [link("l", "/"), ...file("l/x", "evil")],
  "a folder through a link": [link("l", "../outside"), directory("l/x")],
  "a file in the place of a link": [link("l", "../outside/secret"), ...file("l", "evil")],
  "a link through a link": [link("l", "../outside"), link("l/x", "y")],
  "a device through a link": [
    link("l", "../outside"),
    {
      kind: "node",
      path: name("l/x"),
      type: "fifo",
      device: { major: 0, minor: 0 },
      attributes: attributes(),
    },
  ],
  "a hard link to what is outside": [
    link("l", "../outside"),
    { kind: "hard-link", path: name("x"), target: name("l/secret") },
  ],
  "a hard link into the outside": [
    link("l", "../outside"),
    ...file("x"),
    { kind: "hard-link", path: name("l/x"), target: name("x") },
  ],
  "the owner of what is behind a link": [
    link("l", "../outside/secret"),
    { kind: "ownership", path: name("l"), owner: { uid: 7, gid: 7, mode: 0o7777 } },
  ],
  "the attributes of what is behind a link": [
    link("l", "../outside/secret"),
    {
      kind: "finish",
      path: name("l"),
      xattrs: [{ name: name("user.x"), value: Buffer.from("x"), required: true }],
    },
  ],
  "a removal through a link": [link("l", "../outside"), remove("l/secret")],
  "a path upwards": file("../outside/x", "evil"),
  "a path down and upwards": [directory("d"), ...file("d/../../outside/x", "evil")],
  "an absolute path": file("OUTSIDE/x", "evil"),
  "a name that means the parent": [
    { kind: "ownership", path: name(".."), owner: { uid: 7, gid: 7, mode: 0 } },
  ],
  "a removal of the parent": [remove("..")],
  "a removal of the root": [remove(".")],
  "a folder that means the parent": [directory("d"), directory("d/..")],
  "a name with a NUL": file("x\0y", "evil"),
};

for (const [what, operations] of Object.entries(escapes))
  test(`${what} is refused, and the outside stays as it is`, async () => {
    using at = place();
    writeFileSync(join(at.outside, "secret"), "secret", { mode: 0o600 });
    const absolute = (text: ByteString) => text.replace("OUTSIDE", at.outside) as ByteString;
    const meant = operations.map((each) => ({
      ...each,
      ...("path" in each ? { path: absolute(each.path) } : {}),
      ...("target" in each ? { target: absolute(each.target) } : {}),
    })) as Operation[];
    await assert.rejects(perform(at, ...meant), BrigError);
    assert.deepEqual(readdirSync(at.outside), ["secret"]);
    const { uid, mode, nlink } = statSync(join(at.outside, "secret"));
    assert.deepEqual([uid, mode & 0o7777, nlink], [0, 0o600, 1]);
    assert.deepEqual(readdirSync(join(at.outside, "..")).sort(), ["inside", "outside"]);
  });

test("what is mounted in the folder is not there in the jail", async () => {
  using at = place();
  const point = join(at.inside, "m");
  mkdirSync(point);
  using _mount = mounted(point, "64k");
  await perform(at, ...file("m/x", "beneath"));
  assert.deepEqual(readdirSync(point), []);
});

test("a removal takes everything there is, and links for what they are", async () => {
  using at = place();
  writeFileSync(join(at.outside, "secret"), "secret");
  mkdirSync(join(at.inside, "old/a/b"), { recursive: true });
  symlinkSync(at.outside, join(at.inside, "old/a/b/out"));
  symlinkSync("../../outside", join(at.inside, "link"));
  await makeDeep(join(at.inside, "old"), 400, "d".repeat(20));
  await perform(
    at,
    directory("new"),
    ...file("new/f", "1"),
    remove("new/f"),
    ...file("new/f", "22"),
    remove("old"),
    directory("old"),
    ...file("old/f"),
    remove("link"),
    remove("new"),
    ...file("new"),
  );
  assert.deepEqual(readdirSync(at.inside).sort(), ["new", "old"]);
  assert.deepEqual(readdirSync(join(at.inside, "old")), ["f"]);
  assert.ok(statSync(join(at.inside, "new")).isFile());
  assert.ok(existsSync(join(at.outside, "secret")));
});

test("after a failure, which names the path, nothing is done and nothing more is taken", async () => {
  using at = place();
  const jail = await sessionJail({ shim, directory: at.inside });
  const many = Array.from({ length: 3000 }, (_, i) => file(`after-${i}`, "x")).flat();
  const failing = jail.run([directory("d"), ...file("d"), ...many]).then(() => jail.settle());
  await assert.rejects(failing, {
    name: "BrigError",
    kind: "conflict",
    message: 'cannot unpack "d": file exists',
  });
  await assert.rejects(jail.run([directory("e")]), /cannot unpack "d"/);
  await assert.rejects(jail.settle(), /cannot unpack "d"/);
  await jail.close();
  assert.deepEqual(readdirSync(at.inside), ["d"]);
});

test("a full disk is told as such, whether by data, by folders or by names", async () => {
  for (const [filling, path] of [
    [file("big", Buffer.alloc(2 << 20)), "big"],
    [Array.from({ length: 5000 }, (_, i) => directory(`d${i}`)), "d"],
  ] as const) {
    using at = place();
    using _mount = mounted(at.inside, "1m,nr_inodes=1000");
    await assert.rejects(perform(at, ...filling), (error: unknown) => {
      assert.ok(error instanceof BrigError);
      assert.equal(error.kind, "exhausted");
      assert.match(error.message, new RegExp(`^cannot unpack "${path}\\d*": no space left on device$`));
      return true;
    });
  }
});

test("a closed jail takes nothing, and one that is closed at work stops", async () => {
  using at = place();
  const jail = await sessionJail({ shim, directory: at.inside });
  const working = jail.run(Array.from({ length: 20_000 }, (_, i) => directory(`d${i}`)));
  await jail.close();
  await assert.rejects(working, /the jail is closed/);
  await assert.rejects(jail.run([directory("x")]), /the jail is closed/);
  const left = readdirSync(at.inside).length;
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(readdirSync(at.inside).length, left);
});

test("a folder that is not there has no jail", async () => {
  using at = place();
  await assert.rejects(sessionJail({ shim, directory: `${at.inside}/nowhere` as typeof at.inside }), {
    kind: "not-found",
  });
});

test("ten thousand files are made with their content", async (t) => {
  using at = place();
  const content = Buffer.alloc(20_000, "0123456789");
  const operations: Operation[] = [];
  for (let i = 0; i < 10_000; i++) {
    if (i % 10 === 0) operations.push(directory(`d${i}`));
    operations.push(...file(`d${i - (i % 10)}/f${i}`, content));
  }
  const jail = await sessionJail({ shim, directory: at.inside });
  const start = performance.now();
  for (let i = 0; i < operations.length; i += 512) await jail.run(operations.slice(i, i + 512));
  await jail.settle();
  t.diagnostic(`10,000 files, 200 MB: ${Math.round(performance.now() - start)} ms`);
  const again = performance.now();
  await jail.run(Array.from({ length: 1000 }, (_, i) => remove(`d${i * 10}`)).slice(1));
  await jail.settle();
  t.diagnostic(`1,000 folders removed one by one: ${Math.round(performance.now() - again)} ms`);
  await jail.close();
  assert.deepEqual(readdirSync(at.inside), ["d0"]);
  assert.ok(readFileSync(join(at.inside, "d0/f9")).equals(content));
});
