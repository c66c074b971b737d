/**
 * The whole engine under limits, as a container sees them: what `make test-vm` shows for cgroup v2 and Debian's kernel.
 * Where a host with v1 has the same to show, the tests run there too.
 */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, test } from "node:test";
import { image, ownBrig } from "../cli/brig.ts";
import { busyboxArchive } from "../fixtures/images.ts";

const { brig, about, root, end } = ownBrig();
after(end);

const unified = existsSync("/sys/fs/cgroup/cgroup.controllers");
const v2 = { skip: unified ? false : "this host has v1 hierarchies; `make test-vm` has none" };

async function inside(flags: readonly string[], script: string): Promise<string> {
  const { code, stdout, stderr } = await brig(
    "run",
    "--rm",
    "--network=none",
    ...flags,
    image,
    "sh",
    "-c",
    script,
  );
  assert.equal(code, 0, stderr);
  return stdout.trim();
}

/** The container's directory in the v2 tree. */
async function directoryOf(name: string): Promise<string> {
  const { stdout } = await brig("inspect", "--format", "{{.State.Pid}}", name);
  const [path] = /(?<=^0::).*/m.exec(readFileSync(`/proc/${stdout.trim()}/cgroup`, "utf8"))!;
  return `/sys/fs/cgroup${path}`;
}

test("an image is loaded and run, and what the container writes stays in its own layer", async () => {
  assert.equal((await brig("load", "-i", busyboxArchive())).code, 0);
  for (let i = 0; i < 2; i++) {
    const { code, stdout, stderr } = await brig(
      "run",
      "--rm",
      "busybox",
      "sh",
      "-c",
      "ls /new; echo x >/new; cat /new",
    );
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "x\n");
  }
});

test("the limits are those that the container reads in its own cgroup", v2, async () => {
  const flags = ["-m=64m", "--memory-swap=96m", "--memory-reservation=32m", "--pids-limit=20", "--cpus=0.5"];
  const files = "memory.max memory.swap.max memory.low pids.max cpu.max cpuset.cpus cpu.weight";
  const seen = await inside([...flags, "--cpuset-cpus=0", "-c=512"], `cd /sys/fs/cgroup; cat ${files}`);
  const [memory, swap, low, pids, cpu, cpus, weight] = seen.split("\n");
  assert.deepEqual(
    [memory, swap, low, pids, cpu, cpus],
    [`${64 << 20}`, `${32 << 20}`, `${32 << 20}`, "20", "50000 100000", "0"],
  );
  assert.match(weight!, /^(20|59)$/);
});

test("the container sees its cgroup as the root, and cannot change it", v2, async () => {
  const seen = await inside(
    [],
    "cat /proc/self/cgroup; mkdir /sys/fs/cgroup/own 2>&1 || true; ls -d /sys/fs/cgroup/*/ 2>/dev/null || true",
  );
  assert.match(seen, /^0::\/\nmkdir: .*Read-only file system$/);
});

test("more processes than allowed are refused", async () => {
  const seen = await inside(
    ["--pids-limit=6"],
    "exec 2>&1; (for i in 1 2 3 4 5 6 7 8; do sleep 1 & done; wait) || true",
  );
  assert.match(seen, /can't fork/);
});

test("a container that takes more memory than allowed is killed, and inspect says why", async () => {
  const name = "hungry";
  const { code } = await brig(
    "run",
    "--name",
    name,
    "-m=16m",
    "--memory-swap=16m",
    image,
    "tail",
    "/dev/zero",
  );
  assert.equal(code, 137);
  assert.equal((await brig("inspect", "--format", "{{.State.OOMKilled}}", name)).stdout, "true\n");
  using database = new DatabaseSync(join(root, "brig.db"), { readOnly: true });
  const events = database.prepare(
    "SELECT count(*) AS count FROM event JOIN container ON subject = container.id WHERE name = ? AND action = 'oom'",
  );
  assert.equal(events.get(name)!.count, 1);
  await brig("rm", name);
});

test("a device that is not allowed can be made and not opened; one that is given works", async () => {
  const open = "mknod /tmp-kmsg c 1 11 && head -c 0 /tmp-kmsg 2>&1 && echo opened";
  const refused = await inside(["--cap-add=MKNOD"], `${open} || true`);
  assert.match(refused, /Operation not permitted/);
  const given = await inside(
    ["--device=/dev/kmsg:/dev/log0:r", "--cap-add=SYSLOG"],
    "head -c 0 /dev/log0 && echo opened",
  );
  assert.equal(given, "opened");
  assert.equal(await inside(["--privileged"], open), "opened");
});

test("a privileged container can divide its cgroup, and all of it goes with the container", v2, async () => {
  const name = "nested";
  const script = `cd /sys/fs/cgroup && mkdir own a a/b && for p in $(cat cgroup.procs); do echo $p >own/cgroup.procs; done
    echo +pids >cgroup.subtree_control && echo 7 >a/pids.max && echo +pids >a/cgroup.subtree_control
    sh -c 'echo 0 >a/b/cgroup.procs && exec sleep 1000' & cat a/pids.max && echo ready && exec sleep 1000`;
  const { code, stderr } = await brig("run", "-d", "--name", name, "--privileged", image, "sh", "-c", script);
  assert.equal(code, 0, stderr);
  const path = (await directoryOf(name)).replace(/\/own$/, "");
  const logs = async () => (await brig("logs", name)).stdout;
  for (let i = 0; i < 100 && !(await logs()).includes("ready"); i++)
    await new Promise((r) => setTimeout(r, 20));
  assert.equal(await logs(), "7\nready\n");
  // A process that joins later is put beside the first one: the cgroup itself may hold none any more.
  const { code: second, stderr: complaint } = await brig("exec", name, "true");
  assert.equal(second, 0, complaint);
  assert.ok(statSync(`${path}/a/b`).isDirectory());
  assert.equal((await brig("rm", "-f", name)).code, 0);
  assert.equal(existsSync(path), false);
});

test("no cgroup of a container is left", v2, () => {
  const left = about
    .map((word) => `/sys/fs/cgroup/brig-${word}`)
    .filter((path) => existsSync(path))
    .flatMap((path) => readdirSync(path).filter((name) => /^[0-9a-f]{64}$/.test(name)));
  assert.deepEqual(left, []);
});
