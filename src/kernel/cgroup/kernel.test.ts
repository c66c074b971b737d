/** What the running kernel makes of launch programs: needs root, v1 hierarchies and a v2 tree. */

import assert from "node:assert/strict";
import { existsSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import type { DeviceRule } from "../../spec/runtime/resources.ts";
import { output } from "../program/argument.ts";
import { ProgramBuilder } from "../program/builder.ts";
import { hostPath } from "./cgroup.ts";
import { defaultDeviceRules } from "./devices/rules.ts";
import { compileJoin } from "./launch/join.ts";
import { cgroupPids } from "./live/pids.ts";
import { removeCgroup } from "./live/remove.ts";
import { updateCgroup } from "./live/update.ts";
import { readDelegation } from "./read-hierarchy.ts";
import { readStats, statsJson } from "./stats/stats.ts";
import { layouts, legacy, MiB, missing, read, shell, sleep, unified } from "./trial/layouts.ts";
import { Processes, until } from "./trial/processes.ts";

for (const [layout, keep] of Object.entries(layouts)) {
  test(`${layout}: a process is in its cgroup in every hierarchy, and so are its children`, {
    skip: missing(keep),
  }, async () => {
    await using machine = new Processes(keep);
    const cgroup = machine.place("c1");
    const { pid } = await machine.start(cgroup, shell("sleep 100 & wait"));
    await until(() => cgroupPids(cgroup).length === 2);
    assert.ok(cgroupPids(cgroup).includes(pid));
    for (const directory of cgroup.directories) {
      const members = readFileSync(`${hostPath(directory)}/cgroup.procs`, "utf8")
        .trim()
        .split("\n");
      assert.deepEqual(members.map(Number), cgroupPids(cgroup), hostPath(directory));
    }
  });

  test(`${layout}: a device that no rule allows cannot be opened, until an update allows it`, {
    skip: missing(keep),
  }, async () => {
    await using machine = new Processes(keep);
    const cgroup = machine.place("c1");
    const open = (path: string) => {
      const child = new ProgramBuilder();
      child.call(`open ${path}`, "openat", [-100, path, 0, 0]);
      return child.instructions;
    };
    await machine.start(cgroup, sleep, { before: open("/dev/null") });
    const attempt = (path: string) => {
      const { open: way, ...lists } = compileJoin(cgroup, machine.executor.slots, [6, 18]);
      return machine.join(way, lists, ["/bin/true"], { before: open(path) });
    };
    await assert.rejects(attempt("/dev/kmsg"), /cannot open \/dev\/kmsg: operation not permitted/);
    const kmsg: DeviceRule = { allow: true, type: "c", major: 1, minor: 11, access: "r" };
    const options = { executor: machine.executor };
    await updateCgroup(cgroup, { devices: [...defaultDeviceRules, kmsg] }, options);
    await attempt("/dev/kmsg");
    await updateCgroup(cgroup, { devices: defaultDeviceRules }, options);
    await assert.rejects(attempt("/dev/kmsg"), /operation not permitted/);
    await attempt("/dev/zero");
  });
}

test("limits are what the config says, in the units of the kernel", { skip: missing(legacy) }, async () => {
  await using machine = new Processes(legacy);
  const cgroup = machine.place("c1");
  const { findings } = await machine.start(cgroup, sleep, {
    resources: {
      memory: { limit: 64 * MiB, swap: 80 * MiB, reservation: 32 * MiB, swappiness: 10 },
      cpu: { shares: 512, quota: 50_000, period: 100_000, burst: 1000, cpus: "0" },
      pids: { limit: 20 },
      blockIO: { throttleReadBpsDevice: [{ major: 254, minor: 0, rate: 1_000_000 }] },
    },
  });
  assert.deepEqual(findings, []);
  for (const [controller, file, value] of [
    ["memory", "memory.limit_in_bytes", "67108864"],
    ["memory", "memory.memsw.limit_in_bytes", "83886080"],
    ["memory", "memory.soft_limit_in_bytes", "33554432"],
    ["memory", "memory.swappiness", "10"],
    ["cpu", "cpu.shares", "512"],
    ["cpu", "cpu.cfs_quota_us", "50000"],
    ["cpu", "cpu.cfs_burst_us", "1000"],
    ["cpuset", "cpuset.cpus", "0"],
    ["cpuset", "cpuset.mems", "0"],
    ["pids", "pids.max", "20"],
    ["blkio", "blkio.throttle.read_bps_device", "254:0 1000000"],
  ] as const)
    assert.equal(read(cgroup, controller, file), value, file);
});

test("a cgroup that exists is a conflict, unless it is said to exist", async () => {
  await using machine = new Processes();
  const cgroup = machine.place("c1");
  await machine.start(cgroup, sleep);
  await assert.rejects(machine.start(cgroup, sleep), (error: Error & { kind?: string }) => {
    assert.equal(error.kind, "conflict");
    assert.match(error.message, /cannot make the \w+ cgroup \/brig-test-\d+\/c1: file exists/);
    return true;
  });
  await machine.start(cgroup, sleep, { existing: true });
  await machine.start(cgroup, sleep, { existing: true });
  assert.equal(cgroupPids(cgroup).length, 2);
});

test("a command executed later joins what is there, also from a user namespace of its own", async () => {
  await using machine = new Processes();
  const cgroup = machine.place("c1");
  await machine.start(cgroup, sleep);
  const { open, ...lists } = compileJoin(cgroup, machine.executor.slots, [6, 18]);
  const newUser = 0x10000000n;
  const pid = await machine.join(open, lists, sleep, { flags: newUser });
  await until(() => cgroupPids(cgroup).includes(pid));
  const seen = readFileSync(`/proc/${pid}/cgroup`, "utf8").trim().split("\n");
  assert.deepEqual(
    seen.filter((line) => !line.endsWith("/c1")).map((line) => line.split(":")[1]),
    // Hierarchies that exist and are mounted nowhere that we see.
    seen.filter((line) => !known(machine, line.split(":")[1]!)).map((line) => line.split(":")[1]),
  );
});

function known(machine: Processes, names: string): boolean {
  return machine.hierarchy.trees.some((tree) =>
    tree.version === 2 ? names === "" : names === (tree.name ? `name=${tree.name}` : tree.controllers.join()),
  );
}

test("processes killed for want of memory are counted where the supervisor looks", async () => {
  await using machine = new Processes(() => true, ["memory"]);
  const cgroup = machine.place("c1");
  const hog = shell("head -c 60000000 /dev/zero | tail -n 1 >/dev/null");
  const { memoryEvents } = await machine.start(cgroup, hog, {
    resources: { memory: { limit: 16 * MiB, swap: 16 * MiB } },
  });
  await until(() => cgroupPids(cgroup).length === 0);
  const p = new ProgramBuilder();
  const buffer = output(512);
  p.call("read it", "pread64", [memoryEvents!, buffer, 512, 0], { answer: { buffer } });
  const { answers } = await machine.executor.run(p.instructions);
  assert.match(answers[0]!.bytes.toString(), /^oom_kill [1-9]/m);
});

test("stats have runc's shape, and exact numbers beyond 2^53", { skip: missing(legacy) }, async () => {
  await using machine = new Processes(legacy);
  const cgroup = machine.place("c1");
  await machine.start(cgroup, shell("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; sleep 100"), {
    resources: { memory: { limit: 64 * MiB }, pids: { limit: 9 }, cpu: { quota: 5000, period: 10_000 } },
  });
  await until(() => Number(readStats(cgroup).cpu.throttling.periods ?? 0) > 0);
  const stats = readStats(cgroup);
  assert.equal(stats.memory.usage.limit, 64 * MiB);
  assert.ok(Number(stats.memory.usage.usage) > 0);
  assert.equal(stats.memory.kernel.limit, 9223372036854771712n);
  assert.equal(stats.pids.limit, 9);
  assert.ok(Number(stats.cpu.usage.total) > 0);
  assert.equal(stats.cpu.usage.percpu!.length, stats.cpu.usage.percpu_user!.length);
  assert.equal(stats.memory.raw!.hierarchical_memory_limit, 64 * MiB);
  assert.deepEqual(stats.cpuset.mems, [0]);
  assert.match(statsJson(stats), /"kernel":\{"limit":9223372036854771712,/);
  assert.equal(JSON.parse(statsJson(stats)).pids.limit, 9);
});

test("in v2 stats count CPU time and pressure without any controller", {
  skip: missing(unified),
}, async () => {
  await using machine = new Processes(unified);
  const cgroup = machine.place("c1");
  await machine.start(cgroup, sleep);
  await until(() => Number(readStats(cgroup).cpu.usage.total ?? 0) > 0);
  assert.equal(typeof readStats(cgroup).cpu.psi?.some?.avg10, "number");
});

test("in v2 a controller is passed on from the root, and its limits hold", {
  skip: missing(unified),
}, async (t) => {
  await using machine = new Processes(unified, ["hugetlb"]);
  const [tree] = machine.hierarchy.trees;
  const control = `${tree!.mountPoint}/cgroup.subtree_control`;
  // Elsewhere v1 has taken it, or the host has passed it on already.
  const free = tree!.controllers.includes("hugetlb") && !readFileSync(control, "utf8").includes("hugetlb");
  if (!free) return t.skip("the v2 tree has no controller to spare");
  const cgroup = machine.place("c1");
  const resources = { hugepageLimits: [{ pageSize: "2MB", limit: 4 * MiB }], pids: { limit: 3 } };
  try {
    const { findings } = await machine.start(cgroup, sleep, { resources });
    assert.deepEqual(
      findings.map((f) => f.kind === "missing-controller" && f.controller),
      ["pids"],
    );
    assert.equal(read(cgroup, "hugetlb", "hugetlb.2MB.max"), String(4 * MiB));
    assert.deepEqual(readDelegation(cgroup), ["hugetlb"]);
    assert.equal(readStats(cgroup).hugetlb["2MB"]?.failcnt, 0);
  } finally {
    await removeCgroup(machine.place());
    writeFileSync(control, "-hugetlb");
  }
});

test("parents stay when a container's cgroup goes", async () => {
  await using machine = new Processes();
  const cgroup = machine.place("deep/c1");
  const { remove } = await machine.start(cgroup, ["/bin/true"]);
  await machine.executor.run(remove);
  const parent = machine.place("deep");
  assert.deepEqual(
    parent.directories.map((d) => existsSync(hostPath(d))),
    parent.directories.map(() => true),
  );
  for (const directory of parent.directories) rmdirSync(hostPath(directory));
});
