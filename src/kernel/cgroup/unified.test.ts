/** Limits, figures and delegation where every controller is in the v2 tree: needs root and a host without v1. */

import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { test } from "node:test";
import { hostPath } from "./cgroup.ts";
import { cgroupPids } from "./live/pids.ts";
import { removeCgroup } from "./live/remove.ts";
import { updateCgroup } from "./live/update.ts";
import { readDelegation } from "./read-hierarchy.ts";
import { readStats } from "./stats/stats.ts";
import { exists, hasLegacy, MiB, read, shell, sleep, unified } from "./trial/layouts.ts";
import { Processes, until } from "./trial/processes.ts";

const all = ["cpuset", "cpu", "io", "memory", "hugetlb", "pids", "rdma"];
const skip = hasLegacy();
const machineWithAll = () => new Processes(unified, all);

test("limits are what the config says, in the units of v2", { skip }, async () => {
  await using machine = machineWithAll();
  const cgroup = machine.place("deep/c1");
  const [disk] = readdirSync("/sys/block").filter((name) => /^(vd|sd|nvme)/.test(name));
  const [major, minor] = readFileSync(`/sys/block/${disk}/dev`, "utf8").trim().split(":").map(Number);
  const { findings } = await machine.start(cgroup, sleep, {
    resources: {
      memory: { limit: 64 * MiB, swap: 80 * MiB, reservation: 32 * MiB },
      cpu: { shares: 512, quota: 50_000, period: 100_000, burst: 1000, cpus: "0", mems: "0" },
      pids: { limit: 20 },
      blockIO: { throttleReadBpsDevice: [{ major: major!, minor: minor!, rate: 1_000_000 }] },
      hugepageLimits: [{ pageSize: "2MB", limit: 4 * MiB }],
    },
  });
  assert.deepEqual(findings, []);
  for (const [controller, file, value] of [
    ["memory", "memory.max", "67108864"],
    ["memory", "memory.swap.max", "16777216"],
    ["memory", "memory.low", "33554432"],
    ["cpu", "cpu.weight", /^(20|59)$/],
    ["cpu", "cpu.max", "50000 100000"],
    ["cpu", "cpu.max.burst", "1000"],
    ["cpuset", "cpuset.cpus", "0"],
    ["cpuset", "cpuset.mems", "0"],
    ["pids", "pids.max", "20"],
    ["io", "io.max", `${major}:${minor} rbps=1000000 wbps=max riops=max wiops=max`],
    ["hugetlb", "hugetlb.2MB.max", "4194304"],
  ] as const) {
    const found = read(cgroup, controller, file);
    if (typeof value === "string") assert.equal(found, value, file);
    else assert.match(found, value, file);
  }
});

test("every controller is passed on down to the container's parent, not to its own children", {
  skip,
}, async () => {
  await using machine = machineWithAll();
  const cgroup = machine.place("deep/c1");
  await machine.start(cgroup, sleep, { resources: { pids: { limit: 20 } } });
  const [tree] = machine.hierarchy.trees;
  assert.deepEqual([...readDelegation(cgroup)].sort(), [...tree!.controllers].sort());
  assert.equal(read(cgroup, "pids", "cgroup.subtree_control"), "");
});

test("stats have runc's shape, filled from v2's files", { skip }, async () => {
  await using machine = machineWithAll();
  const cgroup = machine.place("c1");
  await machine.start(cgroup, shell("while :; do :; done"), {
    resources: {
      memory: { limit: 64 * MiB, swap: 96 * MiB },
      pids: { limit: 9 },
      cpu: { quota: 5000, period: 10_000 },
    },
  });
  await until(() => Number(readStats(cgroup).cpu.throttling.throttledPeriods ?? 0) > 0);
  const stats = readStats(cgroup);
  assert.equal(stats.memory.usage.limit, 64 * MiB);
  assert.equal(stats.memory.swap.limit, 96 * MiB);
  assert.ok(Number(stats.memory.usage.usage) > 0);
  assert.ok(Number(stats.memory.raw?.["anon"]) > 0);
  assert.deepEqual([stats.pids.current, stats.pids.limit], [1, 9]);
  assert.ok(Number(stats.cpu.usage.total) > 0);
  assert.ok(Number(stats.cpu.throttling.throttledTime) > 0);
  assert.equal(stats.hugetlb["2MB"]?.failcnt, 0);
});

test("an update goes up and down, and refuses what would have to kill", { skip }, async () => {
  await using machine = machineWithAll();
  const cgroup = machine.place("c1");
  await machine.start(cgroup, shell("x=$(head -c 20000000 /dev/zero | tr '\\0' x); sleep 100"), {
    resources: { memory: { limit: 64 * MiB, swap: 64 * MiB }, cpu: { quota: 50_000, period: 100_000 } },
  });
  for (const size of [128 * MiB, 96 * MiB, 256 * MiB]) {
    await updateCgroup(cgroup, { memory: { limit: size, swap: size } });
    assert.deepEqual(
      ["memory.max", "memory.swap.max"].map((file) => read(cgroup, "memory", file)),
      [String(size), "0"],
    );
  }
  await updateCgroup(cgroup, { memory: { limit: -1, swap: -1 }, cpu: { quota: -1 }, pids: { limit: 7 } });
  assert.equal(read(cgroup, "memory", "memory.max"), "max");
  assert.equal(read(cgroup, "memory", "memory.swap.max"), "max");
  assert.match(read(cgroup, "cpu", "cpu.max"), /^max \d+$/);
  assert.equal(read(cgroup, "pids", "pids.max"), "7");
  await until(() => Number(read(cgroup, "memory", "memory.current")) > 16 * MiB);
  await assert.rejects(
    updateCgroup(cgroup, { memory: { limit: 4 * MiB, checkBeforeUpdate: true } }),
    /cannot limit memory to 4 MiB: it uses \d+ [KM]iB already/,
  );
  assert.ok(cgroupPids(cgroup).length > 0);
});

test("a delegated cgroup goes with what was made below it, while processes are in it", { skip }, async () => {
  await using machine = machineWithAll();
  const cgroup = machine.place("c1");
  const { remove } = await machine.start(cgroup, sleep, { owner: 1234, resources: { pids: { limit: 9 } } });
  const [directory] = cgroup.directories;
  const path = hostPath(directory!);
  // cgroup-v2.rst, "Model of Delegation": the processes and what is below are given away, the limits are not.
  const owner = (file: string) => statSync(`${path}/${file}`).uid;
  assert.deepEqual(
    ["", "cgroup.procs", "cgroup.threads", "cgroup.subtree_control", "pids.max", "memory.max"].map(owner),
    [1234, 1234, 1234, 1234, 0, 0],
  );
  mkdirSync(`${path}/other`);
  // Its root is not the hierarchy's: with processes in it, it passes nothing on, and still its children are usable.
  await machine.start(machine.place("c1/one/two"), shell("while :; do sleep 100 & sleep 0.01; done"));
  assert.equal(read(cgroup, "pids", "cgroup.subtree_control"), "");
  assert.equal(read(machine.place("c1/one"), "pids", "cgroup.type"), "domain");
  await machine.executor.run(remove).catch(() => undefined);
  await removeCgroup(cgroup);
  assert.equal(exists(cgroup), false);
});
