/** Containers that try to lead `cp`, `diff` and `export` out of their root, or to keep them for ever. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { encodeText } from "../../src/image/tar/byte-string.ts";
import type { TarHeader } from "../../src/image/tar/entry.ts";
import { header } from "../../src/image/tar/fixture.ts";
import { type NewEntry, writeTar } from "../../src/image/tar/write.ts";
import { ownBrig } from "../cli/brig.ts";
import { busyboxArchive } from "../fixtures/images.ts";

const { brig, brigWith, end } = ownBrig();
const folder = mkdtempSync(join(tmpdir(), "brig-hostile-"));
/** On the host, where nothing of a container's may reach. */
const outside = join(folder, "outside");
const secret = join(outside, "secret");
const here = join(folder, "here");
const payload = join(folder, "payload");

before(async () => {
  for (const each of [outside, here]) mkdirSync(each);
  writeFileSync(secret, "secret\n");
  writeFileSync(payload, "payload\n");
  await brig("load", "-i", busyboxArchive());
});
after(() => {
  end();
  rmSync(folder, { recursive: true, force: true });
});

/** Nothing was made, changed or taken away outside. */
function untouched(): void {
  assert.deepEqual(readdirSync(outside), ["secret"]);
  assert.equal(readFileSync(secret, "utf8"), "secret\n");
}

/** A container in which the script has run; it goes on. */
async function container(name: string, script: string, ...flags: readonly string[]): Promise<void> {
  const run = await brig(
    "run",
    "-d",
    "--name",
    name,
    ...flags,
    "busybox",
    "sh",
    "-c",
    `${script}; sleep 1000`,
  );
  assert.equal(run.code, 0, run.stderr);
  for (let i = 0; i < 100 && (await brig("exec", name, "test", "-e", "/ready")).code !== 0; i++)
    await new Promise((resolve) => setTimeout(resolve, 50));
}

const removed = (name: string) => brig("rm", "-f", name);

/** Paths of the container that lead to the host's folder, if anything followed them there. */
const leads: readonly (readonly [what: string, make: string])[] = [
  ["an absolute link", `ln -s ${outside} /lead`],
  ["a link of links", `ln -s ${outside} /a; ln -s a /b; ln -s b /lead`],
  ["a link with many dots", `ln -s ../../../../../../../../..${outside} /lead`],
  ["a link in a folder that is a link", `mkdir /x; ln -s ${folder} /x/y; ln -s x/y/outside /lead`],
  ["a link to another process's root", `ln -s /proc/1/root${outside} /lead`],
  ["a link to a process's working directory", `ln -s /proc/self/cwd${outside} /lead`],
];

for (const [what, make] of leads)
  for (const state of ["running", "stopped"] as const)
    test(`${what} does not lead cp out of a ${state} container`, async () => {
      await container("lead", `${make}; touch /ready`);
      if (state === "stopped") await brig("stop", "-t", "0", "lead");
      for (const args of [
        ["lead:/lead/secret", join(here, "stolen")],
        ["-L", "lead:/lead", join(here, "stolen")],
        ["lead:/lead/", join(here, "stolen")],
        ["lead:/lead/.", join(here, "stolen")],
        [payload, "lead:/lead/planted"],
        [payload, "lead:/lead/secret"],
        [payload, "lead:/lead"],
        [`${here}/.`, "lead:/lead/"],
      ]) {
        await brig("cp", ...args);
        untouched();
        assert.ok(!existsSync(join(here, "stolen")), args.join(" "));
      }
      assert.doesNotMatch((await brig("cp", "lead:/lead/", "-")).stdout, /secret/);
      await removed("lead");
    });

test("a tree with links, devices and fifos comes out as it is, and nothing is followed, read or waited for", async () => {
  const make = `mkdir /t; ln -s ${secret} /t/link; ln -s ${outside} /t/dir; mkfifo /t/fifo; mknod /t/null c 1 3;
    mknod /t/loop b 7 0; ln -s loop1 /t/loop1; echo kept >/t/file; mkdir -p /t/${"d/".repeat(150)}; touch /ready`;
  await container("tree", make);
  assert.equal((await brig("cp", "tree:/t", join(here, "t"))).code, 0);
  const kind = (name: string) => lstatSync(join(here, "t", name));
  assert.ok(kind("link").isSymbolicLink() && kind("dir").isSymbolicLink() && kind("loop1").isSymbolicLink());
  assert.ok(kind("fifo").isFIFO() && kind("null").isCharacterDevice() && kind("loop").isBlockDevice());
  assert.ok(existsSync(join(here, "t", "d/".repeat(150))));
  for (const name of ["null", "fifo", "link"]) {
    assert.equal((await brig("cp", `tree:/t/${name}`, join(here, `alone-${name}`))).code, 0);
    assert.equal(lstatSync(join(here, `alone-${name}`)).isFile(), false);
  }
  const archived = (await brig("cp", "tree:/t", "-")).stdout + (await brig("export", "tree")).stdout;
  assert.doesNotMatch(archived, /secret\n/);
  assert.equal((await brig("diff", "tree")).code, 0);
  await removed("tree");
  untouched();
});

test("what comes out of a container is not written through links that lie here, or that came with it", async () => {
  const target = join(folder, "target");
  mkdirSync(target);
  execFileSync("ln", ["-s", outside, join(target, "sub")]);
  execFileSync("ln", ["-s", secret, join(target, "file")]);
  await container("out", "mkdir -p /o/sub; echo evil >/o/sub/secret; echo evil >/o/file; touch /ready");
  assert.match(
    (await brig("cp", "out:/o/.", target)).stderr,
    /cannot overwrite non-directory "sub" with directory/,
  );
  untouched();
  rmSync(join(target, "sub"));
  assert.equal((await brig("cp", "out:/o/.", target)).code, 0);
  assert.equal(readFileSync(join(target, "file"), "utf8"), "evil\n");
  assert.ok(!lstatSync(join(target, "file")).isSymbolicLink());
  await removed("out");
  untouched();
});

async function archiveOf(...entries: readonly NewEntry[]): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of writeTar(entries)) parts.push(part);
  return Buffer.concat(parts);
}

const entry = (path: string, over: Partial<TarHeader> = {}): NewEntry => ({
  header: header(path, { size: over.kind ? 0 : 5, ...over }),
  body: [Buffer.from("evil\n")],
});
const link = (path: string, to: string, kind: "symbolic-link" | "hard-link" = "symbolic-link") =>
  entry(path, { kind, linkPath: encodeText(to) });

const archives: readonly (readonly [what: string, entries: readonly NewEntry[]])[] = [
  ["names with dots", [entry(`../../../../..${secret}`)]],
  ["absolute names", [entry(secret), entry(`${outside}/planted`)]],
  ["a link, and a file through it", [link("l", outside), entry("l/planted"), entry("l/secret")]],
  ["a link with dots, and a file through it", [link("l", `../../../..${outside}`), entry("l/planted")]],
  ["a hard link to the host's file", [link("h", secret, "hard-link"), entry("h")]],
  ["a hard link through a link", [link("l", outside), link("h", "l/secret", "hard-link"), entry("h")]],
  ["a link to a process's root", [link("l", `/proc/1/root${outside}`), entry("l/planted")]],
  ["a folder in place of a link", [link("l", outside), entry("l", { kind: "directory", mode: 0 })]],
];

for (const [what, entries] of archives)
  test(`an archive with ${what} stays in the container`, async () => {
    await brig("create", "--name", "tar", "busybox", "true");
    await brigWith(await archiveOf(...entries), "cp", "-", "tar:/tmp");
    untouched();
    await removed("tar");
  });

test("a path that is exchanged for a link while it is copied leads nowhere else", async () => {
  const swap = `mkdir /w /w/real /w/real/sub; echo mine >/w/real/sub/secret; ln -s ${folder} /w/evil; ln -s ${outside} /w/sub;
    mv /w/real /w/at; touch /ready; cd /w; while :; do mv -T at real; mv -T evil at; mv -T at evil; mv -T real at; done`;
  await container("swap", swap);
  const planted = join(folder, "in");
  mkdirSync(join(planted, "sub"), { recursive: true });
  writeFileSync(join(planted, "sub/planted"), "evil\n");
  const deadline = performance.now() + 4000;
  for (let i = 0; performance.now() < deadline; i++) {
    const to = join(here, `swap${i}`);
    await Promise.all([
      brig("cp", "swap:/w/at/sub", to),
      brig("cp", `${planted}/sub`, "swap:/w/at/"),
      brig("cp", payload, "swap:/w/at/sub/secret"),
    ]);
    if (existsSync(join(to, "secret"))) assert.notEqual(readFileSync(join(to, "secret"), "utf8"), "secret\n");
    untouched();
  }
  await removed("swap");
});

test("a file that is exchanged for a fifo or a device while it is copied keeps nobody waiting", async () => {
  const swap = `mkdir /w; cd /w; mkfifo fifo; mknod zero c 1 5; dd if=/dev/zero of=file bs=1k count=64 2>/dev/null; touch /ready;
    while :; do ln -f file at; ln -f fifo at; ln -f zero at; done`;
  await container("kinds", swap);
  const deadline = performance.now() + 3000;
  for (let i = 0; performance.now() < deadline; i++) {
    const [copy, archive] = await Promise.all([
      brig("cp", "kinds:/w", join(here, `kinds${i}`)),
      brig("cp", "kinds:/w", "-"),
    ]);
    assert.ok(copy.code === 0 || copy.stderr !== "");
    assert.ok(archive.stdout.length < 1 << 20);
  }
  await removed("kinds");
});

test("nothing of the container is executed or loaded", async () => {
  const evil = "#!/bin/sh\ntouch /executed\n";
  writeFileSync(join(here, "evil"), evil, { mode: 0o755 });
  await brig("create", "--name", "libs", "busybox", "sleep", "1000");
  await brig("start", "libs");
  for (const path of [
    "/lib/libnss_files.so.2",
    "/etc/nsswitch.conf",
    "/etc/ld.so.preload",
    "/bin/tar",
    "/bin/sh",
  ])
    await brig("cp", join(here, "evil"), `libs:${path}`);
  await brig("cp", payload, "libs:/tmp/x");
  await brig("cp", "libs:/etc", join(here, "etc"));
  const { stdout } = await brig("diff", "libs");
  assert.doesNotMatch(stdout, /executed/);
  await removed("libs");
});
