/** Volumes with options of the local driver, as Docker has them: mounted while a container has them, and not after. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { image, ownBrig, until } from "./brig.ts";

const { brig, end, root, start } = ownBrig();
const folder = mkdtempSync(join(tmpdir(), "brig-volumes-"));

before(async () => {
  await brig("run", "--rm", image, "true");
});
after(() => {
  end();
  rmSync(folder, { recursive: true, force: true });
});

async function done(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await brig(...args);
  assert.equal(code, 0, `brig ${args.join(" ")}: ${stderr}`);
  return stdout;
}

const isMounted = (name: string) =>
  readFileSync("/proc/self/mountinfo", "utf8").includes(` ${join(root, "volumes", name)} `);
const create = (name: string, ...options: readonly string[]) =>
  done("volume", "create", ...options.flatMap((option) => ["-o", option]), name);
const flags = ["run", "--rm", "--network=none"];

test("a volume in memory has its size and owner, is shared by containers that run at once, and then is gone", async () => {
  await create("memory", "type=tmpfs", "device=tmpfs", "o=size=5m,uid=1000");
  const options = JSON.parse(await done("volume", "inspect", "-f", "{{json .Options}}", "memory"));
  assert.deepEqual(options, { type: "tmpfs", device: "tmpfs", o: "size=5m,uid=1000" });
  assert.equal(isMounted("memory"), false);
  const script = "df -m /x | tail -1 | awk '{print $2}'; stat -c %u /x; echo hi >/x/f; exec sleep 100";
  await done("run", "-d", "--network=none", "--name", "first", "-v", "memory:/x", image, "sh", "-c", script);
  await until(async () => (await brig("exec", "first", "cat", "/x/f")).stdout === "hi\n", "it had written");
  assert.equal(await done("logs", "first"), "5\n1000\n");
  assert.equal(await done(...flags, "-v", "memory:/y", image, "cat", "/y/f"), "hi\n");
  assert.equal(isMounted("memory"), true);
  await done("rm", "-f", "first");
  assert.equal(isMounted("memory"), false);
  assert.equal(await done(...flags, "-v", "memory:/x", image, "ls", "/x"), "");
  await done("volume", "rm", "memory");
  assert.equal(existsSync(join(root, "volumes/memory")), false);
});

test("a folder of the host is bound, read-only where that is said, and stays when the volume goes", async () => {
  const source = join(folder, "source");
  mkdirSync(source);
  writeFileSync(join(source, "f"), "host's\n");
  await create("bound", "type=none", `device=${source}`, "o=bind");
  await create("shown", "type=none", `device=${source}`, "o=bind,ro");
  assert.equal(
    await done(...flags, "-v", "bound:/x", image, "sh", "-c", "cat /x/f; echo new >/x/g"),
    "host's\n",
  );
  const refused = await brig(...flags, "-v", "shown:/x", image, "sh", "-c", "cat /x/g; touch /x/h");
  assert.deepEqual([refused.code, refused.stdout], [1, "new\n"]);
  assert.equal(await done(...flags, "--mount", "type=volume,src=bound,dst=/x", image, "ls", "/x"), "f\ng\n");
  await done("volume", "rm", "bound", "shown");
  assert.equal(readFileSync(join(source, "g"), "utf8"), "new\n");
});

test("a disk is mounted with its file system, and cp reaches it while no container runs", async () => {
  const file = join(folder, "disk.img");
  execFileSync("truncate", ["-s", "16M", file]);
  execFileSync("mkfs.ext4", ["-q", file]);
  const device = execFileSync("losetup", ["--find", "--show", file], { encoding: "utf8" }).trim();
  try {
    await create("disk", "type=ext4", `device=${device}`, "o=noatime");
    await done("create", "--network=none", "--name", "has", "-v", "disk:/x", image, "cat", "/x/f");
    writeFileSync(join(folder, "f"), "on the disk\n");
    await done("cp", join(folder, "f"), "has:/x/f");
    assert.equal(isMounted("disk"), false);
    assert.equal(await done("start", "-a", "has"), "on the disk\n");
    assert.equal((await brig("volume", "rm", "disk")).code, 1);
    await done("rm", "has");
    await done("volume", "rm", "disk");
  } finally {
    execFileSync("losetup", ["-d", device]);
  }
});

test("what a killed client leaves mounted the end of the container takes off, or a release", async () => {
  await create("left", "type=tmpfs", "device=tmpfs");
  const child = start("run", "--network=none", "--name", "orphan", "-v", "left:/x", image, "sleep", "100");
  await until(async () => (await brig("exec", "orphan", "true")).code === 0, "it ran");
  child.kill("SIGKILL");
  await done("kill", "orphan");
  await done("wait", "orphan");
  await until(() => !isMounted("left"), "it was taken off");
  execFileSync("mount", ["-t", "tmpfs", "none", join(root, "volumes/left")]);
  await done("system", "release");
  assert.equal(isMounted("left"), false);
  await done("rm", "orphan");
  await done("volume", "rm", "left");
});

test("--mount makes the volume with its options and labels where it is not there yet", async () => {
  const mount =
    "--mount=type=volume,src=made,dst=/x,volume-opt=type=tmpfs,volume-opt=device=tmpfs,volume-label=a=b";
  assert.match(await done(...flags, mount, image, "sh", "-c", "df /x | tail -1"), /^tmpfs /);
  assert.equal(
    await done("volume", "inspect", "-f", "{{json .Labels}} {{.Options.type}}", "made"),
    '{"a":"b"} tmpfs\n',
  );
  await done("volume", "rm", "made");
});

const refused: readonly (readonly [options: readonly string[], message: RegExp])[] = [
  [["type=tmpfs"], /create bad: missing required option: "device"/],
  [["device=tmpfs"], /create bad: missing required option: "type"/],
  [["foo=bar"], /create bad: invalid option: "foo"/],
  [["size=10m"], /create bad: quota size requested but no quota support/],
];

test("options that Docker refuses are refused, and what cannot be mounted is told when it is to be", async () => {
  for (const [options, message] of refused) {
    const { code, stderr } = await brig(
      "volume",
      "create",
      ...options.flatMap((each) => ["-o", each]),
      "bad",
    );
    assert.equal(code, 1);
    assert.match(stderr, message);
  }
  await create("nowhere", "type=none", "device=/nonexistent", "o=bind");
  const { code, stderr } = await brig(...flags, "-v", "nowhere:/x", image, "true");
  assert.equal(code, 125);
  assert.match(
    stderr,
    /^brig: cannot mount the volume nowhere: cannot open \/nonexistent: no such file or directory/,
  );
  await done("volume", "rm", "nowhere");
});
