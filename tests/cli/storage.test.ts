/**
 * Where containers' roots come from: overlays, or copies where no overlay can be had. What a user sees must be the same,
 * but for the room that copies take.
 */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { busyboxArchive, debianArchive } from "../fixtures/images.ts";
import { image, ownBrig, until } from "./brig.ts";

const copying = { BRIG_STORAGE_DRIVER: "vfs" };
const { brig, root, start, end, environment } = ownBrig();
const folder = mkdtempSync(join(tmpdir(), "brig-storage-"));
after(() => {
  rmSync(folder, { recursive: true, force: true });
  end();
});

async function done(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await brig(...args);
  assert.equal(code, 0, `brig ${args.join(" ")}: ${stderr}`);
  return stdout;
}

const vfs = (...args: readonly string[]) => done("--storage-driver", "vfs", ...args);
const halfDone = () => namesIn(join(root, "merged")).filter((name) => name.startsWith("."));

function namesIn(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

test("info tells the driver: what the disk can, what the environment says, what a flag says", async () => {
  assert.equal(await done("info", "-f", "{{.Driver}}"), "overlay2\n");
  assert.equal(await vfs("info", "-f", "{{.Driver}}"), "vfs\n");
  assert.equal(await done("--storage-driver=overlay", "info", "-f", "{{.Driver}}"), "overlay2\n");
  const unknown = await brig("--storage-driver", "zfs", "info");
  assert.deepEqual(
    [unknown.code, unknown.stderr],
    [1, "brig: cannot use the storage driver zfs: there are overlay2 and vfs\n"],
  );
});

test("a container whose root is a copy runs, is written to, looked into, copied, exported and removed", async () => {
  const script =
    "echo new >/new; rm /bin/ls; chmod 700 /tmp; mkdir /etc/more; test -s /etc/hosts && cat /new";
  assert.equal(await vfs("run", "--name", "copy", image, "sh", "-c", script), "new\n");
  assert.equal(await done("diff", "copy"), "C /bin\nD /bin/ls\nC /etc\nA /etc/more\nA /new\nC /tmp\n");
  assert.equal(
    await done("inspect", "-f", "{{.Driver}} {{json .GraphDriver}}", "copy"),
    'vfs {"Name":"vfs","Data":null}\n',
  );
  assert.match(await done("ps", "-as", "--format", "{{.Size}}"), /^4B \(virtual /);
  writeFileSync(join(folder, "given"), "given\n");
  await done("cp", join(folder, "given"), "copy:/etc/more/given");
  await done("cp", "copy:/etc/more", folder);
  assert.equal(readFileSync(join(folder, "more/given"), "utf8"), "given\n");
  await done("export", "-o", join(folder, "copy.tar"), "copy");
  const names = execFileSync("tar", ["tf", join(folder, "copy.tar")], { encoding: "utf8" }).split("\n");
  assert.deepEqual(
    ["new", "etc/more/given", "bin/ls", "bin/cat"].map((name) => names.includes(name)),
    [true, true, false, true],
  );
  await done("rm", "copy");
  assert.deepEqual(namesIn(join(root, "containers")), []);
});

test("while it runs, exec, cp and diff see its files", async () => {
  await vfs("run", "-d", "--name", "lives", image, "sleep", "100");
  await done("exec", "lives", "sh", "-c", "echo x >/tmp/x");
  assert.equal(await done("diff", "lives"), "C /tmp\nA /tmp/x\n");
  await done("cp", "lives:/tmp/x", join(folder, "x"));
  assert.equal(readFileSync(join(folder, "x"), "utf8"), "x\n");
  await done("rm", "-f", "lives");
});

test("with a read-only root, a volume that the image fills, and another user", async () => {
  const flags = ["--rm", "--read-only", "-v", "/bin", "-u", "1000", "--tmpfs", "/run"];
  assert.equal(
    await vfs("run", ...flags, image, "sh", "-c", "echo a >/x 2>&1 || id -u; ls /bin/ls"),
    "1000\n/bin/ls\n",
  );
});

test("a container keeps the driver that it was made with", async () => {
  await vfs("create", "--name", "copied", image, "cat", "/kept");
  await done("create", "--name", "overlaid", image, "cat", "/kept");
  writeFileSync(join(folder, "kept"), "kept\n");
  for (const name of ["copied", "overlaid"]) await done("cp", join(folder, "kept"), `${name}:/kept`);
  assert.equal(await done("start", "-a", "copied"), "kept\n");
  assert.equal(await vfs("start", "-a", "overlaid"), "kept\n");
  const drivers = await done("inspect", "-f", "{{.Driver}}", "copied", "overlaid");
  assert.equal(drivers, "vfs\noverlay2\n");
  await done("rm", "copied", "overlaid");
});

test("rmi removes what the image was merged to", async () => {
  await vfs("load", "-q", "-i", busyboxArchive());
  const folders = () => namesIn(join(root, "merged")).filter((name) => /^[0-9a-f]{64}$/.test(name));
  const before = folders();
  await done("rmi", "busybox");
  assert.equal(folders().length, before.length - 1);
});

test("one that is killed while it copies leaves nothing, and is started anew", async () => {
  await vfs("load", "-q", "-i", debianArchive());
  for (const flags of [["--rm"], ["--name", "again"]]) {
    const child = start("--storage-driver", "vfs", "run", ...flags, "debian-nginx", "true");
    await until(() => halfDone().length > 0, "the copy had begun");
    await sleep(100);
    child.kill("SIGKILL");
    await new Promise((resolve) => child.on("close", resolve));
    await done("ps", "-a");
    assert.deepEqual(halfDone(), []);
  }
  assert.equal(await done("start", "-a", "again"), "");
  await done("rm", "again");
  assert.deepEqual(namesIn(join(root, "containers")), []);
});

/** Runs brig with a root there. */
function elsewhere(place: string, more: Readonly<Record<string, string>> = {}) {
  const own = { ...environment, BRIG_ROOT: place, BRIG_RUN_ROOT: join(root, "run2"), ...more };
  const run = async (...args: readonly string[]) => {
    const { spawn } = await import("node:child_process");
    const child = spawn(join(import.meta.dirname, "../../bin/brig"), args, {
      env: own,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (text) => (stdout += text));
    child.stderr.on("data", (text) => (stderr += text));
    const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
    return { code, stdout, stderr };
  };
  return run;
}

interface Disk extends Disposable {
  readonly path: string;
}

/** A file system in a file, mounted. */
function disk(name: string, megabytes: number, make: readonly string[]): Disk {
  const [file, path] = [join(folder, `${name}.img`), join(folder, name)];
  execFileSync("truncate", ["-s", `${megabytes}M`, file]);
  execFileSync(make[0]!, [...make.slice(1), file], { stdio: ["ignore", "ignore", "inherit"] });
  return mounted(path, ["-o", "loop", file]);
}

function mounted(path: string, options: readonly string[]): Disk {
  mkdirSync(path);
  execFileSync("mount", [...options, path]);
  return {
    path,
    [Symbol.dispose]: () => {
      execFileSync("umount", [path]);
      rmSync(path, { recursive: true });
    },
  };
}

const flags = ["--rm", "--network=none"];

test("a disk that fills up while it is copied to is told, and nothing is left there", async () => {
  using place = mounted(join(folder, "small"), ["-t", "tmpfs", "-o", "size=40m", "none"]);
  const run = elsewhere(place.path, copying);
  assert.equal((await run("load", "-q", "-i", busyboxArchive())).code, 0);
  const fill = join(place.path, "fill");
  const { bavail, bsize } = statfsSync(place.path);
  writeFileSync(fill, Buffer.alloc(bavail * bsize - (1 << 20)));
  const { code, stderr } = await run("run", ...flags, "busybox", "true");
  assert.equal(code, 125);
  assert.match(
    stderr,
    /^brig: cannot copy the image for the container: cannot copy to "[^"]+": no space left on device\n/,
  );
  assert.deepEqual(namesIn(join(place.path, "containers")), []);
  assert.deepEqual(
    namesIn(join(place.path, "merged")).filter((name) => name.startsWith(".")),
    [],
  );
  rmSync(fill);
  assert.equal((await run("run", ...flags, "busybox", "true")).code, 0);
});

test("copies share their blocks where the file system can", async () => {
  for (const [name, megabytes, make] of [
    ["xfs", 400, ["mkfs.xfs", "-q"]],
    ["btrfs", 200, ["mkfs.btrfs", "-q"]],
  ] as const) {
    using place = disk(name, megabytes, make);
    const run = elsewhere(place.path, copying);
    const large = join(folder, "large");
    mkdirSync(large, { recursive: true });
    writeFileSync(join(large, "file"), Buffer.alloc(30 << 20, "data"));
    execFileSync("tar", ["cf", join(folder, "large.tar"), "-C", large, "file"]);
    assert.equal((await run("load", "-q", "-i", busyboxArchive())).code, 0);
    assert.equal((await run("import", join(folder, "large.tar"), "large")).code, 0);
    const free = () => {
      execFileSync("sync", ["-f", place.path]);
      const { bavail, bsize } = statfsSync(place.path);
      return bavail * bsize;
    };
    const before = free();
    assert.equal((await run("create", "--network=none", "--name", "big", "large", "x")).code, 0);
    const copied = await run("cp", "big:/file", "-");
    assert.equal(copied.code, 0, copied.stderr);
    assert(before - free() < 8 << 20, `${name}: ${before - free()} bytes for a copy of 30 MB`);
    assert.equal((await run("rm", "big")).code, 0);
  }
});

test("where no overlay can be had containers' roots are copies, which is told once", async () => {
  const lower = join(folder, "lower");
  for (const name of ["", "in", "up", "work"]) mkdirSync(join(lower, name), { recursive: true });
  const overlay = `lowerdir=${lower}/in,upperdir=${lower}/up,workdir=${lower}/work`;
  const places: readonly (readonly [string, () => Disk])[] = [
    ["in an overlay", () => mounted(join(folder, "overlay"), ["-t", "overlay", "-o", overlay, "none"])],
    ["without extended attributes", () => mounted(join(folder, "ramfs"), ["-t", "ramfs", "none"])],
    ["whose folders tell no types", () => disk("plain", 64, ["mkfs.ext4", "-q", "-O", "^filetype"])],
  ];
  for (const [what, make] of places) {
    using place = make();
    const run = elsewhere(place.path);
    const loaded = await run("load", "-q", "-i", busyboxArchive());
    assert.equal(loaded.code, 0, `${what}: ${loaded.stderr}`);
    assert.match(
      loaded.stderr,
      /^WARNING: every container's root is a copy of its image \(storage driver vfs\)/,
      what,
    );
    assert.equal((await run("info", "-f", "{{.Driver}}")).stdout, "vfs\n", what);
    assert.deepEqual(await run("run", ...flags, "busybox", "sh", "-c", "echo hi >/x; rm /bin/vi; cat /x"), {
      code: 0,
      stdout: "hi\n",
      stderr: "",
    });
    const forced = await run("--storage-driver", "overlay2", "run", ...flags, "busybox", "true");
    assert.deepEqual(
      [forced.code, /^brig: cannot use the storage driver overlay2 in /.test(forced.stderr)],
      [125, true],
    );
    assert.deepEqual(
      namesIn(place.path).filter((name) => name.startsWith(".")),
      [],
    );
  }
});

test("where overlays can be had they are used: on ext4, xfs, btrfs and in memory", async () => {
  const places: readonly (() => Disk)[] = [
    () => disk("ext4-overlay", 64, ["mkfs.ext4", "-q"]),
    () => disk("xfs-overlay", 400, ["mkfs.xfs", "-q"]),
    () => disk("btrfs-overlay", 200, ["mkfs.btrfs", "-q"]),
    () => mounted(join(folder, "tmpfs"), ["-t", "tmpfs", "none"]),
  ];
  for (const make of places) {
    using place = make();
    const run = elsewhere(place.path);
    assert.deepEqual(await run("info", "-f", "{{.Driver}}"), { code: 0, stdout: "overlay2\n", stderr: "" });
  }
});
