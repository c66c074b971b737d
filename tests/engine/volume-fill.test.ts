/**
 * Volumes get what the image has at their places, once, whole or not at all. What is claimed of Docker here was seen
 * with Docker 20.10.
 */

import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { ByteString } from "../../src/image/tar/byte-string.ts";
import { encodeHeader } from "../../src/image/tar/encode.ts";
import { noXattrs, type TarHeader } from "../../src/image/tar/entry.ts";
import { ownBrig, until } from "../cli/brig.ts";
import { busyboxRoot } from "../fixtures/images.ts";
import { checkout } from "../fixtures/sources.ts";

const { brig, end, root, executable, environment } = ownBrig();
const scratch = join(root, "scratch");
const volume = (name: string) => join(root, "volumes", name);

type Entry = Partial<Omit<TarHeader, "path" | "linkPath" | "size">> & {
  readonly path: string;
  readonly link?: string;
  readonly content?: string;
};

const xattrs = (name: string, value: string) => new Map([[name as ByteString, Buffer.from(value)]]);
const moment = { seconds: 978_307_200, nanoseconds: 0 };

/** What an image has at its path, in every kind. */
const kinds: readonly Entry[] = [
  { kind: "directory", path: "data/", mode: 0o1777, uid: 1000, gid: 1001, xattrs: xattrs("user.top", "up") },
  { path: "data/file", mode: 0o4755, content: "hello\n", mtime: moment, xattrs: xattrs("user.color", "red") },
  { kind: "hard-link", path: "data/hard", link: "data/file", mode: 0o4755 },
  { kind: "symbolic-link", path: "data/soft", link: "file", uid: 5 },
  { kind: "symbolic-link", path: "data/out", link: "/etc/passwd" },
  { kind: "fifo", path: "data/fifo", mode: 0o600 },
  { kind: "character-device", path: "data/null", device: { major: 1, minor: 3 }, mode: 0o666 },
  { kind: "directory", path: "data/sub/", mode: 0o750, gid: 7, xattrs: xattrs("user.dir", "blue") },
  { path: "data/sub/deep", content: "deep\n", mode: 0o600, mtime: moment },
  { path: "data/gone", content: "of the layer below\n" },
  { kind: "directory", path: "secret/", mode: 0o700, uid: 42 },
  { kind: "directory", path: "empty/" },
  { kind: "symbolic-link", path: "absolute", link: "/data" },
  { kind: "symbolic-link", path: "upward", link: "../../../../data/sub" },
  { kind: "symbolic-link", path: "dangling", link: "/no-such" },
];

/** Enough that copying it can be interrupted. */
const many = 800;
const crowd: readonly Entry[] = [
  { kind: "directory", path: "crowd/", mode: 0o711 },
  ...Array.from({ length: many }, (_, i) => ({
    path: `crowd/${i % 20 === 0 ? "" : `folder-${i % 20}/`}file-${i}`,
    content: `content of ${i}\n`.repeat(400),
  })),
];

before(async () => {
  mkdirSync(scratch);
  const layers = [layer("kinds", kinds), layer("more", [kinds[0]!, { path: "data/.wh.gone" }, ...crowd])];
  const archive = join(scratch, "image.tar");
  const config = { Env: ["PATH=/bin"], Volumes: { "/data": {} } };
  const settings = ["--name", "filled:latest", "--out", archive, "--config", JSON.stringify(config)];
  execFileSync(join(checkout, "scripts/image-archive.sh"), [...settings, busyboxRoot(), ...layers]);
  await ok("load", "-i", archive);
});
after(end);

function layer(name: string, entries: readonly Entry[]): string {
  const path = join(scratch, `${name}.tar`);
  const parts = entries.flatMap(({ path, link = "", content = "", ...more }) => {
    const bytes = Buffer.from(content);
    const header: TarHeader = {
      kind: "file",
      mode: 0o755,
      uid: 0,
      gid: 0,
      userName: "" as ByteString,
      groupName: "" as ByteString,
      mtime: moment,
      xattrs: noXattrs,
      ...more,
      path: path as ByteString,
      linkPath: link as ByteString,
      size: bytes.length,
    };
    return [encodeHeader(header), bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  writeFileSync(path, Buffer.concat([...parts, Buffer.alloc(1024)]));
  return path;
}

/** Succeeds, and says so. */
async function ok(...words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await brig(...words);
  assert.deepEqual([code, stderr], [0, ""], words.join(" "));
  return stdout;
}

/** Everything that tar knows of a folder: names, kinds, owners, modes, times, links, devices. */
function listing(folder: string): string {
  return execFileSync("sh", [
    "-c",
    `tar --sort=name --numeric-owner -C '${folder}' -cf - . | tar -tv --numeric-owner --full-time -f -`,
  ]).toString();
}

test("a named volume has owners, modes, times, links and devices of the image, once the layers are put together", async () => {
  await ok("run", "--rm", "-v", "named:/data", "filled", "true");
  const lines = listing(volume("named"));
  for (const expected of [
    /^drwxrwxrwt 1000\/1001 .* 2001-01-01 00:00:00 \.\/$/m,
    /^-rwsr-xr-x 0\/0 +6 2001-01-01 00:00:00 \.\/file$/m,
    /^hrwsr-xr-x 0\/0 .* \.\/hard link to \.\/file$/m,
    /^lrwxrwxrwx 5\/0 .* \.\/soft -> file$/m,
    /^lrwxrwxrwx 0\/0 .* \.\/out -> \/etc\/passwd$/m,
    /^prw------- 0\/0 .* \.\/fifo$/m,
    /^crw-rw-rw- 0\/0 +1,3 .* \.\/null$/m,
    /^drwxr-x--- 0\/7 .* \.\/sub\/$/m,
    /^-rw------- 0\/0 +5 2001-01-01 00:00:00 \.\/sub\/deep$/m,
  ])
    assert.match(lines, expected);
  assert.doesNotMatch(lines, /gone/);
  assert.equal(await ok("run", "--rm", "-v", "named:/data", "filled", "cat", "/data/hard"), "hello\n");
});

test("it has the image's extended attributes", async () => {
  const archive = execFileSync("tar", ["--xattrs", "-C", volume("named"), "-cf", "-", "."]).toString(
    "latin1",
  );
  for (const record of ["user.top=up", "user.color=red", "user.dir=blue"])
    assert(archive.includes(`SCHILY.xattr.${record}`), record);
});

test("what the image declares is an anonymous volume, which goes with a container that removes itself", async () => {
  assert.equal(
    await ok("run", "--rm", "filled", "sh", "-c", "cat /data/sub/deep; rm -r /data/sub; ls /data"),
    "deep\nfifo\nfile\nhard\nnull\nout\nsoft\n",
  );
  assert.deepEqual(readdirSync(join(root, "volumes")), ["named"]);
});

/** What is done first, what then, and what is seen; {} is the volume's name. */
const cases: readonly (readonly [what: string, first: string, then: string, seen: string])[] = [
  ["nocopy leaves it empty", "", "-v {}:/data:nocopy filled ls /data", ""],
  [
    "so does volume-nocopy",
    "",
    "--mount type=volume,source={},target=/data,volume-nocopy filled ls /data",
    "",
  ],
  [
    "one that was made by hand is filled",
    "volume create {}",
    "-v {}:/data/sub filled ls /data/sub",
    "deep\n",
  ],
  ["read-only, too", "", "-v {}:/data/sub:ro filled ls /data/sub", "deep\n"],
  [
    "one that has something is left alone",
    "run --rm -v {}:/x filled touch /x/own",
    "-v {}:/data filled ls /data",
    "own\n",
  ],
  ["a link leads to its target", "", "-v {}:/absolute/sub filled ls /absolute/sub/", "deep\n"],
  ["and does not lead out of the image", "", "-v {}:/upward filled ls /upward/", "deep\n"],
  ["one that leads nowhere has nothing", "", "-v {}:/dangling filled ls /dangling/", ""],
  ["where the image has nothing there is nothing", "", "-v {}:/new/place filled ls /new/place", ""],
  ["an empty folder gives owner and mode", "", "-v {}:/secret filled stat -c %a.%u /secret", "700.42\n"],
  ["inside another one", "", "-v outer-{}:/data -v {}:/data/sub filled ls /data/sub", "deep\n"],
];

test("a volume is filled when it is empty and the image has a folder there", async () => {
  for (const [i, [what, first, then, seen]] of cases.entries()) {
    const words = (line: string) => line.replaceAll("{}", `case-${i}`).split(" ");
    if (first !== "") await ok(...words(first));
    assert.equal(await ok("run", "--rm", ...words(then)), seen, what);
  }
});

test("a folder of the host is never filled", async () => {
  const folder = join(scratch, "bound");
  mkdirSync(folder);
  assert.equal(await ok("run", "--rm", "-v", `${folder}:/data`, "filled", "ls", "/data"), "");
  assert.deepEqual(readdirSync(folder), []);
});

test("a place that is no folder in the image is refused, and nothing is left", async () => {
  const { code, stderr } = await brig("run", "--rm", "-v", "refused:/data/file", "filled", "true");
  assert.equal(code, 125);
  assert.match(stderr, /^brig: cannot mount a volume at \/data\/file: it is no directory in the image/);
  assert.deepEqual(
    readdirSync(join(root, "volumes")).filter((name) => name.includes("refused")),
    [],
  );
});

test("what a container has removed does not come back when it starts again", async () => {
  await ok(
    "create",
    "--name",
    "twice",
    "-v",
    "cleared:/data",
    "filled",
    "sh",
    "-c",
    "ls /data/sub; rm -r /data/*",
  );
  assert.equal(await ok("start", "-a", "twice"), "deep\n");
  const again = await brig("start", "-a", "twice");
  assert.deepEqual([again.stdout, again.code], ["", 1]);
  await ok("rm", "-v", "twice");
});

test("a container that has the empty volume already sees it being filled", async () => {
  await ok("run", "-d", "--name", "early", "-v", "shared:/x", "filled", "sleep", "100");
  await ok("run", "--rm", "-v", "shared:/data", "filled", "true");
  assert.equal(await ok("exec", "early", "cat", "/x/sub/deep"), "deep\n");
  assert.equal(listing(volume("shared")), listing(volume("named")));
  const archive = execFileSync("tar", ["--xattrs", "-C", volume("shared"), "-cf", "-", "."]).toString(
    "latin1",
  );
  assert(archive.includes("SCHILY.xattr.user.top=up"));
  await ok("rm", "-f", "-v", "early");
});

test("of many containers that start at once with a new volume each sees all of it", async () => {
  const count = "find /crowd -type f | wc -l";
  const all = await Promise.all(
    Array.from({ length: 5 }, () => ok("run", "--rm", "-v", "rush:/crowd", "filled", "sh", "-c", count)),
  );
  assert.deepEqual(
    all,
    all.map(() => `${many}\n`),
  );
});

/** Whether the volume is there before, as one that a container has mounted. */
for (const mounted of [false, true])
  test(`a copy that is killed is not taken for one${mounted ? ", nor into a volume in use" : ""}`, async () => {
    let interrupted = 0;
    for (let round = 0; round < 6; round++) {
      const name = `killed-${round}-${mounted}`;
      if (mounted) await ok("run", "-d", "--name", name, "-v", `${name}:/x`, "filled", "sleep", "100");
      const child = spawn(executable, ["run", "--rm", "-v", `${name}:/crowd`, "filled", "true"], {
        env: environment,
        stdio: "ignore",
      });
      const closed = once(child, "close");
      await until(() => child.exitCode !== null || copying(name), "it is being copied");
      await sleep(round * 6);
      child.kill("SIGKILL");
      await closed;
      if (child.signalCode !== null) interrupted++;
      await ok("ps", "-a");
      const look = "cd /crowd && find . -type f | wc -l && find . -type f | sort | xargs cat | md5sum";
      const seen = await ok("run", "--rm", "-v", `${name}:/crowd`, "filled", "sh", "-c", look);
      assert.equal(seen, await whole(look));
      assert.equal(listing(volume(name)), listing(volume("rush")));
      assert.deepEqual(copiesOf(name), []);
      if (mounted) await ok("rm", "-f", "-v", name);
      await ok("volume", "rm", name);
    }
    assert(interrupted > 2, `${interrupted} were interrupted`);
  });

const whole = (look: string) => ok("run", "--rm", "filled", "sh", "-c", look);
const copiesOf = (name: string) =>
  readdirSync(join(root, "volumes")).filter((each) => each.startsWith(".") && each.includes(name));
const copying = (name: string) => copiesOf(name).length > 0;

test("what is left of a copy goes with its volume and with its container", async () => {
  mkdirSync(join(root, "volumes/.full-left"));
  mkdirSync(join(root, "volumes/.fill-left-01234567"));
  mkdirSync(volume("left"));
  await ok("volume", "rm", "left");
  const id = (await ok("create", "filled", "true")).trim();
  mkdirSync(join(root, `volumes/.fill-${id}-L2RhdGE-01234567`));
  await ok("rm", "-v", id);
  assert.deepEqual(
    readdirSync(join(root, "volumes")).filter((name) => name.startsWith(".")),
    [],
  );
});

test("an anonymous volume may be at a path of any length", async () => {
  const path = `/${"long".repeat(50)}/${"deep".repeat(50)}`;
  await ok("run", "--rm", "-v", path, "filled", "touch", `${path}/file`);
});
