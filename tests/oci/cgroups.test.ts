/** The container's cgroup: place, limits, update, statistics, removal (runtime-spec, config-linux.md#control-groups). */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { until } from "../cli/brig.ts";
import { Bundle, type Draft, managed, notFor } from "./bundle.ts";

/** systemd knows no paths; tests/vm/systemd has what it knows. */
const paths = managed && "with systemd a cgroup is named by a slice and a unit";

const sleeper = (config: Draft) => void (config.process.args = ["sleep", "60"]);

/** The host directory of a process's cgroup: v1's of that controller, or the one of v2. */
function directory(pid: number, controller: string): string {
  const own = readFileSync(`/proc/${pid}/cgroup`, "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  const legacy = own.find(([, names]) => names?.split(",").includes(controller));
  const mounts = readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) => line.split(" - "));
  const mounted = mounts.find(([, right]) =>
    legacy
      ? right?.startsWith("cgroup ") && right.split(" ")[2]!.split(",").includes(controller)
      : right?.startsWith("cgroup2 "),
  );
  const path = (legacy ?? own.find(([id]) => id === "0"))![2]!;
  return join(mounted![0]!.split(" ")[4]!, path);
}

/** The first of the files that is there: v1's name or v2's. */
function limit(pid: number, controller: string, ...files: readonly string[]): string {
  const folder = directory(pid, controller);
  const file = files.find((name) => existsSync(join(folder, name)));
  assert.ok(file, `none of ${files} is in ${folder}`);
  return readFileSync(join(folder, file), "utf8").trim();
}

test("the limits of the config are those of the cgroup", () => {
  using bundle = new Bundle((config) => {
    sleeper(config);
    Object.assign(config.linux.resources, {
      memory: { limit: 64 << 20, reservation: 32 << 20 },
      pids: { limit: 33 },
      cpu: { shares: 512, quota: 50000, period: 100000, cpus: "0" },
    });
  });
  bundle.start();
  const { pid } = bundle.stateOf();
  assert.equal(limit(pid, "memory", "memory.limit_in_bytes", "memory.max"), String(64 << 20));
  assert.equal(limit(pid, "memory", "memory.soft_limit_in_bytes", "memory.low"), String(32 << 20));
  assert.equal(limit(pid, "pids", "pids.max"), "33");
  assert.match(limit(pid, "cpu", "cpu.cfs_quota_us", "cpu.max"), /^50000( 100000)?$/);
  assert.match(limit(pid, "cpu", "cpu.shares", "cpu.weight"), /^(512|20|59)$/);
  assert.equal(limit(pid, "cpuset", "cpuset.cpus"), "0");
});

test("a limit of processes is felt", () => {
  using bundle = new Bundle();
  const { stderr } = bundle.sh(
    "for i in 1 2 3 4 5 6; do sleep 1 & done; wait",
    ({ linux }) => void (linux.resources.pids = { limit: 4 }),
  );
  assert.match(stderr, /can't fork|Resource temporarily unavailable/);
});

test("a limit of memory is felt, and the container is killed", () => {
  using bundle = new Bundle();
  const { code } = bundle.sh(
    "exec tail /dev/zero",
    ({ linux }) => void (linux.resources.memory = { limit: 8 << 20, swap: 8 << 20 }),
  );
  assert.equal(code, 137);
});

test("an absolute cgroups path is below the hierarchies' roots, a relative one always at the same place", {
  skip: paths,
}, () => {
  for (const path of ["/brig-test-oci/deep/one", "brig-test-oci-relative"]) {
    using bundle = new Bundle((config) => {
      sleeper(config);
      config.linux.cgroupsPath = path;
    });
    bundle.start();
    const { pid } = bundle.stateOf();
    const seen = limitPath(pid);
    assert.ok(path.startsWith("/") ? seen === path : seen.endsWith(path), seen);
  }
  for (const controller of [
    "memory",
    "pids",
    "cpu",
    "cpuset",
    "cpuacct",
    "devices",
    "freezer",
    "blkio",
    "systemd",
    "unified",
    "net_cls",
    "net_prio",
    "perf_event",
    "hugetlb",
    "",
  ])
    for (const name of ["deep", ""]) {
      const folder = join("/sys/fs/cgroup", controller, "brig-test-oci", name);
      if (existsSync(folder)) execFileSync("rmdir", [folder]);
    }
});

function limitPath(pid: number): string {
  const lines = readFileSync(`/proc/${pid}/cgroup`, "utf8").split("\n");
  return (lines.find((line) => line.split(":")[1] === "pids") ??
    lines.find((line) => line.startsWith("0::")))!.split(":")[2]!;
}

test("update changes limits of a running container, by flags and by a document", {
  skip: notFor({ crun: "does not lower a limit of memory in v1" }),
}, () => {
  using bundle = new Bundle(sleeper);
  bundle.start();
  const { pid } = bundle.stateOf();
  assert.equal(
    bundle.oci("update", "--memory", "100m", "--pids-limit", "20", "--cpu-quota", "30000", bundle.id).code,
    0,
  );
  assert.equal(limit(pid, "memory", "memory.limit_in_bytes", "memory.max"), String(100 << 20));
  assert.equal(limit(pid, "pids", "pids.max"), "20");
  assert.match(limit(pid, "cpu", "cpu.cfs_quota_us", "cpu.max"), /^30000\b/);
  const document = JSON.stringify({ memory: { limit: 50 << 20 }, pids: { limit: 21 } });
  assert.equal(bundle.ociWith({ input: document }, "update", "-r", "-", bundle.id).code, 0);
  assert.equal(limit(pid, "memory", "memory.limit_in_bytes", "memory.max"), String(50 << 20));
  assert.equal(limit(pid, "pids", "pids.max"), "21");
});

test("events --stats tells what the container uses", { skip: notFor({ crun: "has no events" }) }, () => {
  using bundle = new Bundle((config) => {
    sleeper(config);
    config.linux.resources.pids = { limit: 33 };
  });
  bundle.start();
  const event = JSON.parse(bundle.oci("events", "--stats", bundle.id).stdout);
  assert.equal(event.type, "stats");
  assert.equal(event.id, bundle.id);
  assert.ok(event.data.pids.current >= 1); // runc counts the threads that it starts with, for a moment
  assert.equal(event.data.pids.limit, 33);
  assert.ok(event.data.memory.usage.usage > 0);
  assert.ok(event.data.cpu.usage.total > 0);
});

test("events tells when memory ran out", { skip: notFor({ crun: "has no events" }) }, async () => {
  using bundle = new Bundle((config) => {
    const script = "until test -e /go; do sleep 0.02; done; sh -c 'x=a; while :; do x=$x$x; done'; sleep 60";
    config.process.args = ["sh", "-c", script];
    config.linux.resources.memory = { limit: 16 << 20 };
  });
  bundle.start();
  const watcher = bundle.spawn("events", "--interval", "500ms", bundle.id);
  try {
    let output = "";
    watcher.stdout!.on("data", (text) => (output += text));
    await until(() => output.includes('"type":"stats"'), "there are reports");
    assert.doesNotMatch(output, /"oom"/);
    writeFileSync(join(bundle.rootfs, "go"), "");
    const event = `{"type":"oom","id":"${bundle.id}"}\n`;
    await until(
      () => output.includes(event),
      () => `${event} is in ${output}`,
    );
  } finally {
    watcher.kill();
  }
});

test("ps lists the processes of the container, as ps(1) prints them or as pids", {
  skip: notFor({ crun: "prints pids only" }),
}, () => {
  using bundle = new Bundle(sleeper);
  bundle.start();
  const { pid } = bundle.stateOf();
  assert.deepEqual(JSON.parse(bundle.oci("ps", "--format", "json", bundle.id).stdout), [pid]);
  const table = () => bundle.oci("ps", bundle.id).stdout.trim().split("\n");
  while (table()[1]?.includes("runc init")); // it does not wait for the execution
  const lines = table();
  assert.match(lines[0]!, /PID/);
  assert.equal(lines.length, 2);
  assert.match(lines[1]!, /sleep 60/);
});

test("a device that is not allowed cannot be used, one that is can", () => {
  using bundle = new Bundle();
  const { stdout, stderr } = bundle.sh("head -c1 /dev/mine | wc -c; head -c1 /dev/zero | wc -c", (config) => {
    config.linux.devices = [{ path: "/dev/mine", type: "c", major: 1, minor: 11, fileMode: 0o666 }];
    config.linux.resources.devices = [
      { allow: false, access: "rwm" },
      { allow: true, type: "c", major: 1, minor: 5, access: "r" },
    ];
  });
  assert.equal(stdout, "0\n1\n");
  assert.match(stderr, /Operation not permitted/);
});

test("the cgroup is gone when the container is deleted, also one with cgroups of its own below", () => {
  using bundle = new Bundle(sleeper);
  bundle.start();
  const { pid } = bundle.stateOf();
  const folders = ["memory", "pids", "freezer"].map((controller) => directory(pid, controller));
  execFileSync("mkdir", ["-p", join(folders[0]!, "below/deeper")]);
  assert.equal(bundle.oci("delete", "--force", bundle.id).code, 0);
  assert.deepEqual(
    folders.filter((folder) => existsSync(folder)),
    [],
  );
});

test("a cgroup with other processes in it is refused", {
  skip: paths || notFor({ runc: { before: "1.3", why: "warns" }, crun: "does not look" }),
}, () => {
  using first = new Bundle((config) => {
    sleeper(config);
    config.linux.cgroupsPath = "/brig-test-shared";
  });
  first.start();
  using second = new Bundle((config) => void (config.linux.cgroupsPath = "/brig-test-shared"));
  assert.notEqual(second.run().code, 0);
});
