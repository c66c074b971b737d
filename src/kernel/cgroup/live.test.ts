/** Freezing, updating and removing cgroups that are in use, on the running kernel: needs root, v1 and a v2 tree. */

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { hostPath } from "./cgroup.ts";
import { freezeCgroup, isFrozen, thawCgroup } from "./live/freeze.ts";
import { cgroupPids } from "./live/pids.ts";
import { removeCgroup } from "./live/remove.ts";
import { updateCgroup } from "./live/update.ts";
import { exists, layouts, legacy, MiB, missing, read, shell, sleep } from "./trial/layouts.ts";
import { Processes, until } from "./trial/processes.ts";

const alive = (pid: number) => /^State:\s+[^ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));

for (const [layout, keep] of Object.entries(layouts)) {
  test(`${layout}: the removal program waits for the end of a process that is ending`, {
    skip: missing(keep),
  }, async () => {
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

  test(`${layout}: a cgroup goes with processes that fork and cgroups that they have made in it`, {
    skip: missing(keep),
  }, async () => {
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

  test(`${layout}: frozen processes stand still until they are thawed`, { skip: missing(keep) }, async () => {
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
}

test("an update goes up and down, and says how much is used when it cannot", {
  skip: missing(legacy),
}, async () => {
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

test("a memory limit below what is used is refused with both numbers", {
  skip: missing(legacy),
}, async () => {
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

test("processes that cannot be frozen are killed by pidfd", { skip: missing(legacy) }, async () => {
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
