/** What the running kernel makes of it all: needs root, v1 hierarchies and a v2 tree. */

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import type { DeviceRule } from "../../spec/runtime/resources.ts";
import { output } from "../program/argument.ts";
import { ProgramBuilder } from "../program/builder.ts";
import { type Cgroup, directoryOf, hostPath } from "./cgroup.ts";
import { defaultDeviceRules } from "./devices/rules.ts";
import { compileJoin } from "./launch/join.ts";
import { freezeCgroup, isFrozen, thawCgroup } from "./live/freeze.ts";
import { cgroupPids } from "./live/pids.ts";
import { removeCgroup } from "./live/remove.ts";
import { updateCgroup } from "./live/update.ts";
import { readStats, statsJson } from "./stats/stats.ts";
import { Processes, until } from "./testbed/processes.ts";

const sleep = ["/bin/sleep", "100"];
const shell = (script: string) => ["/bin/sh", "-c", script];
const MiB = 1 << 20;

const legacy = (tree: { readonly version: number }) => tree.version === 1;
const unified = (tree: { readonly version: number }) => tree.version === 2;
const layouts = { "the whole host": () => true, "v1 alone": legacy, "v2 alone": unified } as const;

function read(cgroup: Cgroup, controller: string, file: string): string {
  return readFileSync(`${hostPath(directoryOf(cgroup, controller)!)}/${file}`, "utf8").trim();
}

function exists(cgroup: Cgroup): boolean {
  return cgroup.directories.some((directory) => existsSync(hostPath(directory)));
}

const alive = (pid: number) => /^State:\s+[^ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));

for (const [layout, keep] of Object.entries(layouts)) {
  test(`${layout}: a process is in its cgroup in every hierarchy, and so are its children`, async () => {
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

  test(`${layout}: the removal program waits for the end of a process that is ending`, async () => {
    await using machine = new Processes(keep);
    const cgroup = machine.place("c1");
    const { remove, pid } = await machine.start(cgroup, sleep);
    // With a v2 tree the program kills it itself.
    const ending = cgroup.mode === "v1" && setTimeout(() => process.kill(pid, "SIGKILL"), 30);
    await machine.executor.run(remove);
    if (ending) clearTimeout(ending);
    assert.equal(exists(cgroup), false);
    await machine.executor.run(remove);
  });

  test(`${layout}: a cgroup goes with processes that fork and cgroups that they have made in it`, async () => {
    await using machine = new Processes(keep);
    const cgroup = machine.place("c1");
    await machine.start(cgroup, shell("while :; do sleep 100 & sleep 0.01; done"));
    for (const directory of cgroup.directories)
      mkdirSync(`${hostPath(directory)}/inner/most`, { recursive: true });
    if (cgroup.mode === "v2") {
      await machine.start(machine.place("c1/inner/most"), sleep, { existing: true });
      assert.ok(cgroupPids(cgroup).length >= 2);
    }
    await removeCgroup(cgroup);
    assert.equal(exists(cgroup), false);
    await removeCgroup(cgroup);
  });

  test(`${layout}: frozen processes stand still until they are thawed`, async () => {
    await using machine = new Processes(keep);
    const cgroup = machine.place("c1");
    const { pid } = await machine.start(cgroup, shell("while :; do :; done"));
    assert.equal(isFrozen(cgroup), false);
    await freezeCgroup(cgroup);
    assert.equal(isFrozen(cgroup), true);
    const ticks = () => readFileSync(`/proc/${pid}/stat`, "utf8").split(" ").slice(13, 15).join();
    const before = ticks();
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.equal(ticks(), before);
    thawCgroup(cgroup);
    await until(() => ticks() !== before);
    assert.equal(isFrozen(cgroup), false);
    await freezeCgroup(cgroup);
    await removeCgroup(cgroup);
    assert.equal(exists(cgroup), false);
  });

  test(`${layout}: a device that no rule allows cannot be opened, until an update allows it`, async () => {
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

test("limits are what the config says, in the units of the kernel", async () => {
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

test("an update goes up and down, and says how much is used when it cannot", async () => {
  await using machine = new Processes(legacy);
  const cgroup = machine.place("c1");
  await machine.start(cgroup, sleep, {
    resources: { memory: { limit: 64 * MiB, swap: 64 * MiB }, cpu: { quota: 10_000, period: 20_000 } },
  });
  for (const size of [128 * MiB, 32 * MiB, 256 * MiB]) {
    await updateCgroup(cgroup, { memory: { limit: size, swap: size } });
    assert.equal(read(cgroup, "memory", "memory.memsw.limit_in_bytes"), String(size));
  }
  await updateCgroup(cgroup, { memory: { limit: -1 }, cpu: { quota: 2000, period: 2000, burst: 1000 } });
  assert.match(read(cgroup, "memory", "memory.memsw.limit_in_bytes"), /^9223372036854771712$/);
  assert.equal(read(cgroup, "cpu", "cpu.cfs_period_us"), "2000");
  await updateCgroup(cgroup, { cpu: { quota: 50_000, period: 100_000, burst: 0 }, pids: { limit: 7 } });
  assert.equal(read(cgroup, "pids", "pids.max"), "7");
  await assert.rejects(
    updateCgroup(cgroup, { cpu: { cpus: "4000" } }),
    /cannot run it on the CPUs 4000: (invalid argument|numerical result out of range)/,
  );
});

test("a memory limit below what is used is refused with both numbers", async () => {
  await using machine = new Processes(legacy);
  const cgroup = machine.place("c1");
  await machine.start(cgroup, shell("x=$(head -c 20000000 /dev/zero | tr '\\0' x); sleep 100"));
  await until(
    () =>
      cgroupPids(cgroup).length === 2 && Number(read(cgroup, "memory", "memory.usage_in_bytes")) > 16 * MiB,
  );
  await assert.rejects(
    updateCgroup(cgroup, { memory: { limit: 4 * MiB } }),
    /cannot limit memory to 4 MiB: it uses \d+ [KM]iB, and has used \d+ [KM]iB/,
  );
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

test("processes that cannot be frozen are killed by pidfd", async () => {
  await using machine = new Processes((tree) => legacy(tree) && !tree.controllers.includes("freezer"));
  const cgroup = machine.place("c1");
  const { pid } = await machine.start(cgroup, shell("trap '' TERM; sleep 100 & sleep 100 & wait"));
  await until(() => cgroupPids(cgroup).length === 3);
  await removeCgroup(cgroup, { executor: machine.executor });
  assert.equal(alive(pid), false);
  assert.equal(exists(cgroup), false);
});

test("a directory that is not a cgroup is never removed, nor what is in it", async () => {
  const path = `/tmp/brig-test-${process.pid}`;
  mkdirSync(`${path}/c1/inner`, { recursive: true });
  writeFileSync(`${path}/c1/file`, "");
  const directory = { version: 1, controllers: ["memory"], mountPoint: path, path: "c1" } as const;
  await assert.rejects(
    removeCgroup({ mode: "v1", directories: [directory] }),
    /it is not in a cgroup file system/,
  );
  assert.ok(existsSync(`${path}/c1/inner`));
  rmSync(path, { recursive: true });
});

test("processes killed for want of memory are counted where the supervisor looks", async () => {
  await using machine = new Processes();
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

test("stats have runc's shape, and exact numbers beyond 2^53", async () => {
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

test("in v2 stats count CPU time and pressure without any controller", async () => {
  await using machine = new Processes(unified);
  const cgroup = machine.place("c1");
  await machine.start(cgroup, sleep);
  await until(() => Number(readStats(cgroup).cpu.usage.total ?? 0) > 0);
  assert.equal(typeof readStats(cgroup).cpu.psi?.some?.avg10, "number");
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
