/**
 * Images and parts of volumes as mounts (Docker 28's and 26's `--mount`), whatever makes the containers' roots; in the
 * machine of `make test-vm` on a kernel that cannot clone a part of what is mounted nowhere.
 */

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { image, ownBrig } from "../cli/brig.ts";
import { layeredImage } from "../fixtures/layered-image.ts";

const { brig, brigWith, end, root, start } = ownBrig();
const folder = mkdtempSync(join(tmpdir(), "brig-mounts-"));
const { archive } = await layeredImage("tools:1", [1, 2, 3]);

before(async () => {
  assert.equal((await brigWith(archive, "load")).code, 0);
});
after(() => {
  rmSync(folder, { recursive: true, force: true });
  end();
});

async function done(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await brig(...args);
  assert.equal(code, 0, `brig ${args.join(" ")}: ${stderr}`);
  return stdout;
}

const run = (...args: readonly string[]) => ["run", "--rm", "--network=none", ...args];

for (const driver of ["overlay2", "vfs"]) {
  const with_ = (...args: readonly string[]) => done("--storage-driver", driver, ...args);

  test(`${driver}: an image is mounted with what its layers show, and cannot be written`, async () => {
    const mount = "--mount=type=image,source=tools:1,target=/tools";
    const script =
      "cat /tools/many/shared; ls /tools/many/file-2 2>&1; touch /tools/x 2>&1; ls /tools/etc/hosts 2>&1; true";
    assert.equal(
      await with_(...run(mount, image, "sh", "-c", script)),
      "written last by layer 3\nls: /tools/many/file-2: No such file or directory\n" +
        "touch: /tools/x: Read-only file system\nls: /tools/etc/hosts: No such file or directory\n",
    );
  });

  test(`${driver}: a folder of an image is mounted alone, and every file of it can be reached`, async () => {
    const mounts = ["image-subpath=many", "subpath=many/../many/folder-1"].map(
      (part, i) => `--mount=type=image,source=tools:1,target=/part-${i},${part}`,
    );
    const seen = await with_(
      ...run(...mounts, image, "sh", "-c", "ls /part-0 /part-1 | xargs; touch /part-1/x 2>&1; true"),
    );
    assert.equal(
      seen,
      "/part-0: file-1 file-3 folder-1 folder-2 folder-3 shared /part-1: 1\ntouch: /part-1/x: Read-only file system\n",
    );
  });

  test(`${driver}: cp sees what is mounted of an image, while the container runs and when it does not`, async () => {
    const mount = "--mount=type=image,source=tools:1,target=/tools,image-subpath=many";
    await with_("run", "-d", "--network=none", "--name", "looked-into", mount, image, "sleep", "100");
    for (const state of ["running", "stopped"]) {
      await done("cp", "looked-into:/tools/shared", join(folder, state));
      assert.equal(readFileSync(join(folder, state), "utf8"), "written last by layer 3\n");
      if (state === "running") await done("kill", "looked-into");
      if (state === "running") await done("wait", "looked-into");
    }
    await done("rm", "looked-into");
  });
}

test("an image that is not there, and a folder that it does not have, are told", async () => {
  const missing = await brig(...run("--mount", "type=image,src=no/such,dst=/x", image, "true"));
  assert.deepEqual(
    [missing.code, /No such image: no\/such:latest/.test(missing.stderr)],
    [125, true],
    missing.stderr,
  );
  const nowhere = await brig(
    ...run("--mount", "type=image,src=tools:1,dst=/x,image-subpath=nope", image, "true"),
  );
  assert.match(nowhere.stderr, /^brig: cannot open the folder nope in it: no such file or directory/);
  for (const subpath of ["/etc", "..", "a/../../b"]) {
    const { code, stderr } = await brig(
      ...run("--mount", `type=volume,src=vol,dst=/x,volume-subpath=${subpath}`, image, "true"),
    );
    assert.deepEqual(
      [code, /subpath must be a relative path within the volume/.test(stderr)],
      [125, true],
      stderr,
    );
  }
});

test("an image that a container mounts stays, by its id, when its name is given to another", async () => {
  await done(
    "create",
    "--name",
    "user",
    "--network=none",
    "--mount=type=image,src=tools:1,dst=/t",
    image,
    "cat",
    "/t/many/shared",
  );
  const refused = await brig("rmi", "tools:1");
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /must force\) - container [0-9a-f]{12} is using its referenced image/);
  assert.equal(await done("rmi", "-f", "tools:1"), "Untagged: tools:1\n");
  await brigWith((await layeredImage("other:1", [4])).archive, "load");
  await done("rmi", "other:1");
  assert.equal(await done("start", "-a", "user"), "written last by layer 3\n");
  await done("rm", "user");
  const id = (await done("images", "-q", "--filter", "dangling=true")).trim();
  await done("rmi", id);
  assert.equal((await brigWith(archive, "load")).code, 0);
});

const part = (path: string) => `--mount=type=volume,src=data,dst=/part,volume-subpath=${path}`;

test("a part of a volume is mounted, and what is written there is in the volume", async () => {
  const script =
    "mkdir -p /data/a/b; echo in >/data/a/b/f; ln -s a/b /data/inside; ln -s /etc /data/absolute; ln -s ../.. /data/up";
  await done(...run("-v", "data:/data", image, "sh", "-c", script));
  for (const path of ["a/b", "inside", "a/./b/"])
    assert.equal(
      await done(...run(part(path), image, "sh", "-c", "cat /part/f; echo new >/part/new")),
      "in\n",
      path,
    );
  assert.equal(await done(...run("-v", "data:/data", image, "ls", "/data/a/b")), "f\nnew\n");
});

test("a link in a volume leads nowhere outside of it", async () => {
  for (const path of ["absolute", "up", "a/b/../../../x", "absolute/passwd"]) {
    const { code, stdout } = await brig(...run(part(path), image, "ls", "/part"));
    assert.deepEqual([code, stdout], [125, ""], path);
  }
});

test("a container that exchanges a folder of its volume for a link gets nothing of the host mounted", async () => {
  const attack =
    "cd /data; mkdir -p real; echo inside >real/f; while :; do ln -s ../../../../../../etc x; rm x; cp -r real x; rm -r x; done";
  const child = start(...run("--name", "attacker", "-v", "data:/data", image, "sh", "-c", attack));
  let [mounted, refused] = [0, 0];
  try {
    await new Promise((resolve) => setTimeout(resolve, 500));
    for (let i = 0; i < 40; i++) {
      const { code, stdout } = await brig(...run(part("x"), image, "ls", "/part"));
      assert.match(stdout, /^(f\n)?$/);
      if (code === 0) mounted++;
      else refused++;
    }
  } finally {
    await brig("rm", "-f", "attacker");
    child.kill();
  }
  assert.ok(mounted + refused === 40 && refused > 0, `${mounted} mounted, ${refused} refused`);
});

test("what mounts images leaves nothing on the host", () => {
  const mounts = readFileSync("/proc/self/mountinfo", "utf8");
  assert.equal(mounts.includes(root), false);
});
