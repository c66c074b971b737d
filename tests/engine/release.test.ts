/** What stays on the host between containers, and how it goes. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { image, ownBrig, until } from "../cli/brig.ts";
import { assertSameHost, difference, hostState } from "../fixtures/leaks.ts";
import { contradictions, type Place } from "./remains.ts";

const { brig, about, root, end, executable, environment } = ownBrig();
const hash = about[1]!;
const place: Place = { root, runRoot: join(root, "run"), hash };
const host = hostState({ about });
after(end);

/** Succeeds, and says so. */
async function ok(...words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await brig(...words);
  assert.deepEqual([code, stderr], [0, ""], words.join(" "));
  return stdout;
}

test("run --rm leaves the bridge, the firewall table and the cgroup of containers for the next one", async () => {
  await ok("run", "--rm", image, "true");
  const kinds = difference(host, hostState({ about })).matchAll(/^\+ (\w+) /gm);
  assert.deepEqual(new Set([...kinds].map(([, kind]) => kind)), new Set(["cgroup", "link", "nft", "route"]));
});

test("system release takes that away and tells what it was; a second one finds nothing", async () => {
  const lines = (await ok("system", "release")).trim().split("\n");
  assert.deepEqual(lines.slice(0, 2), [`bridge brig-${hash}`, `firewall table brig-${hash}`]);
  for (const line of lines.slice(2)) assert.match(line, new RegExp(`^cgroup /sys/fs/cgroup.*/brig-${hash}$`));
  await assertSameHost(host, { about });
  assert.equal(await ok("system", "release"), "");
});

test("it is refused while a container runs", async () => {
  await ok("run", "-d", "--name", "busy", image, "sleep", "100");
  assert.deepEqual(await brig("system", "release"), {
    code: 1,
    stdout: "",
    stderr: "brig: cannot release the host: container busy is running; stop it first\n",
  });
});

test("the removal of the last container does the same, that of another one does not", async () => {
  await ok("create", "--name", "idle", image, "true");
  await ok("stop", "-t", "0", "busy");
  await ok("rm", "busy");
  assert.notEqual(difference(host, hostState({ about })), "");
  await ok("rm", "idle");
  await assertSameHost(host, { about });
  await ok("run", "-d", "--name", "busy", "-p", "18481:80", image, "sleep", "100");
  await ok("rm", "-f", "busy");
  await assertSameHost(host, { about });
});

/** Where a service manager keeps its units: v1's own hierarchy, or the unified one. */
const managed = ["systemd", "unified", ""]
  .map((name) => join("/sys/fs/cgroup", name))
  .find((folder) => existsSync(join(folder, "cgroup.procs")))!;

test("the cgroup that shims are in, when their caller is in one, goes with them", async () => {
  const unit = join(managed, `brig-test-unit-${hash}`);
  const shims = join(managed, `brig-shims-${hash}`);
  mkdirSync(unit);
  try {
    const enter = `echo 0 > ${unit}/cgroup.procs && exec ${executable} run -d --name served ${image} sleep 100`;
    const { status, stderr } = spawnSync("sh", ["-c", enter], { env: environment, encoding: "utf8" });
    assert.deepEqual([status, stderr], [0, ""]);
    assert(existsSync(shims));
    await ok("rm", "-f", "served");
    assert(!existsSync(shims));
  } finally {
    await until(() => removed(unit), "the unit is empty");
  }
  await assertSameHost(host, { about });
});

function removed(directory: string): boolean {
  try {
    rmdirSync(directory);
    return true;
  } catch {
    return false;
  }
}

test("containers come while the last ones go, and each has its network", async () => {
  const clients = ["anne", "bart", "cook"].map(async (name, i) => {
    for (let round = 0; round < 6; round++) {
      await ok("run", "-d", "--name", name, "-p", `${18482 + i}:80`, image, "sleep", "100");
      await ok("exec", name, "ip", "addr", "show", "eth0");
      await ok("rm", "-f", name);
      await ok("run", "--rm", "--network", "none", image, "true");
    }
  });
  await Promise.all(clients);
  await until(
    () => contradictions(place).length === 0,
    () => contradictions(place).join("\n"),
  );
  await ok("system", "release");
  await assertSameHost(host, { about });
  assert.deepEqual(readdirSync(join(root, "run")), []);
});
