/**
 * Root of a container with a user namespace against the host: what it would have to be root there for. Each attempt is
 * made without the user namespace, or with the owners mapped, as well: there it succeeds, and shows that it is one.
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { image, ownBrig, until } from "../cli/brig.ts";
import { compiled } from "../security/hostile.ts";

const { brig, root, end } = ownBrig();
/** With whatever compiler there is also in a virtual machine. */
const attack = ["-v", `${compiled("attack.c", "attack-by-gcc", ["gcc", "-static", "-O1"])}:/attack:ro`];

before(async () => {
  // The host's users must get as far as brig lets them.
  chmodSync(root, 0o755);
  const first = await brig("run", "--rm", image, "true");
  assert.equal(first.code, 0, first.stderr);
});
after(end);

const run = (options: readonly string[], script: string) =>
  brig("run", "--rm", ...options, image, "sh", "-c", script);

/** A folder of root's with a program. */
function folder(mode: number): string {
  const path = join(root, "bound");
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path);
  writeFileSync(join(path, "program"), "#!/bin/sh\n", { mode: 0o755 });
  chmodSync(path, mode);
  return path;
}

/** Whether a file would make whoever executes it root of the host. */
function makesRoot(path: string): boolean {
  const file = statSync(path, { throwIfNoEntry: false });
  return file !== undefined && file.uid === 0 && (file.mode & 0o4000) !== 0;
}

/** Tries to make a set-user-id program of a file that is there, and of one of its own. */
const setUser =
  "chmod 4755 /b/program; echo evil >>/b/program; chown 0 /b/program; chmod 4755 /b/program; cp /bin/busybox /b/own; chown 0:0 /b/own; chmod 4755 /b/own";

test("no program that is root of the host by its set-user-id bit comes into a folder of the host", async () => {
  for (const mode of [0o755, 0o777]) {
    const bound = folder(mode);
    await run(["--userns", "private", "-v", `${bound}:/b`], setUser);
    assert.deepEqual([makesRoot(join(bound, "program")), makesRoot(join(bound, "own"))], [false, false]);
    assert.equal(readFileSync(join(bound, "program"), "utf8"), "#!/bin/sh\n");
    const own = statSync(join(bound, "own"), { throwIfNoEntry: false });
    assert.equal(own === undefined, mode === 0o755, "it may write where anybody may");
    assert.ok(!own || own.uid >= 0x7000_0000, "as the user that it is there");
  }
});

test("with idmap it may: that is what idmap means, and why folders are not mapped unasked", async () => {
  const bound = folder(0o755);
  await run(["--userns", "private", "-v", `${bound}:/b:idmap`], setUser);
  assert.deepEqual([makesRoot(join(bound, "program")), makesRoot(join(bound, "own"))], [true, true]);
  rmSync(bound, { recursive: true });
});

test("set-user-id programs in volumes and layers are root's on the disk, and no user of the host comes to them", async () => {
  const options = ["--name", "maker", "--userns", "private", "-v", "goods:/b"];
  await brig(
    "run",
    ...options,
    image,
    "sh",
    "-c",
    "cp /bin/busybox /b/own; chmod 4755 /b/own; cp -p /b/own /own",
  );
  const upper = (await brig("inspect", "-f", "{{.GraphDriver.Data.UpperDir}}", "maker")).stdout.trim();
  for (const path of [join(root, "volumes/goods/own"), join(upper, "own")]) {
    assert.ok(makesRoot(path), path);
    const asUser = spawnSync(path, ["true"], { uid: 1000, gid: 1000 });
    assert.equal((asUser.error as NodeJS.ErrnoException | undefined)?.code, "EACCES", path);
  }
  await brig("rm", "maker");
});

/** What only root of the host may do; each says `done` where it was done. */
const powers: readonly (readonly [what: string, script: string])[] = [
  ["a device", "mknod /dev/d c 1 5 && head -c1 /dev/d >/dev/null && echo done"],
  ["a sysctl of the host", "cat /proc/sys/vm/swappiness >/proc/sys/vm/swappiness && echo done"],
];

test("privileges of a container with a user namespace are none over the host", async () => {
  for (const [what, script] of powers) {
    const host = await run(["--privileged"], script);
    assert.match(host.stdout, /done/, `without a user namespace: ${what}`);
    const own = await run(["--privileged", "--userns", "private"], script);
    assert.doesNotMatch(own.stdout, /done/, what);
  }
});

/** For which it spies: enough for an `exec` to begin, also in a machine that is many times slower. */
const seconds = String(2 * Number(process.env.BRIG_TEST_PATIENCE ?? 1));

/** What a container that may trace processes gets to see of those that `exec` makes in it. */
async function spy(...options: readonly string[]): Promise<string> {
  await brig(
    "run",
    "-d",
    "--name",
    "spy",
    "--cap-add",
    "SYS_PTRACE",
    ...options,
    ...attack,
    image,
    "/attack",
    "spy",
    seconds,
  );
  const output = async () => (await brig("logs", "spy")).stdout;
  await until(async () => (await output()).includes("ready"), "the spy is ready");
  while (!/^(?:got|looked)/m.test(await output())) await brig("exec", "spy", "true");
  const all = await output();
  await brig("rm", "-f", "spy");
  return all;
}

test("with CAP_SYS_PTRACE of its own user namespace it cannot look into a process while `exec` makes it", async () => {
  const seen = await spy("--userns", "private");
  assert.doesNotMatch(seen, /^got/m);
  assert.match(seen, /^looked into [1-9]/m, "it has seen processes while they were made");
});

test("with CAP_SYS_PTRACE of the host's it can, as SECURITY.md says", async () => {
  assert.match(await spy(), /^got/m);
});
