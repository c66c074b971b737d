import assert from "node:assert/strict";
import { test } from "node:test";
import type { Resources } from "../../spec/runtime/resources.ts";
import type { CgroupHierarchy } from "../cgroup/hierarchy.ts";
import { limitsOf } from "../cgroup/limits/limits.ts";
import { parseCgroupsPath, placeCgroup } from "../cgroup/path.ts";
import { v1, v2 } from "../cgroup/testbed/hierarchies.ts";
import type { Variant } from "../dbus/type.ts";
import { limitProperties } from "./limits.ts";
import { propertyList } from "./property.ts";

/** `Name=value`, as a systemd of that version is told. */
function told(hierarchy: CgroupHierarchy, resources: Resources, version = 252): readonly string[] {
  const at = parseCgroupsPath("a-b.slice:brig:c1", { id: "c1", driver: "systemd" });
  const cgroup = placeCgroup(hierarchy, at);
  const list = propertyList(limitProperties(cgroup, limitsOf(cgroup, resources).settings), version);
  return (list as readonly (readonly [string, Variant])[]).map(([name, { value }]) => `${name}=${value}`);
}

const infinity = String(2n ** 64n - 1n);
const MiB = 1 << 20;

interface Row {
  readonly resources: Resources;
  readonly v1: readonly string[];
  readonly v2: readonly string[];
}

// biome-ignore format: a table
const rows: Readonly<Record<string, Row>> = {
  "memory and swap": {
    resources: { memory: { limit: 64 * MiB, swap: 96 * MiB, reservation: 32 * MiB } },
    v1: ["MemoryLimit=67108864"],
    v2: ["MemorySwapMax=33554432", "MemoryMax=67108864", "MemoryLow=33554432"],
  },
  "unlimited memory": {
    resources: { memory: { limit: -1 } },
    v1: [`MemoryLimit=${infinity}`],
    v2: [`MemorySwapMax=${infinity}`, `MemoryMax=${infinity}`],
  },
  "half a CPU": {
    resources: { cpu: { quota: 25_000, period: 50_000 } },
    v1: ["CPUQuotaPeriodUSec=50000", "CPUQuotaPerSecUSec=500000"],
    v2: ["CPUQuotaPeriodUSec=50000", "CPUQuotaPerSecUSec=500000"],
  },
  "a third of a CPU, which is rounded up": {
    resources: { cpu: { quota: 33_333 } },
    v1: ["CPUQuotaPerSecUSec=340000"],
    v2: ["CPUQuotaPeriodUSec=100000", "CPUQuotaPerSecUSec=340000"],
  },
  "no limit of CPU time": {
    resources: { cpu: { quota: -1 } },
    v1: [`CPUQuotaPerSecUSec=${infinity}`],
    v2: ["CPUQuotaPeriodUSec=100000", `CPUQuotaPerSecUSec=${infinity}`],
  },
  "shares": { resources: { cpu: { shares: 1024 } }, v1: ["CPUShares=1024"], v2: ["CPUWeight=100"] },
  "CPUs and nodes, of which v1's are not systemd's": {
    resources: { cpu: { cpus: "0-2,9", mems: "0" } },
    v1: [],
    v2: ["AllowedCPUs=7,2", "AllowedMemoryNodes=1"],
  },
  "processes": { resources: { pids: { limit: 33 } }, v1: ["TasksMax=33"], v2: ["TasksMax=33"] },
  "any number of processes": {
    resources: { pids: { limit: -1 } }, v1: [`TasksMax=${infinity}`], v2: [`TasksMax=${infinity}`],
  },
  "the weight of I/O": { resources: { blockIO: { weight: 200 } }, v1: ["BlockIOWeight=200"], v2: ["IOWeight=1200"] },
};

for (const [title, row] of Object.entries(rows))
  test(`systemd is told: ${title}`, () => {
    assert.deepEqual(told(v1, row.resources), row.v1);
    assert.deepEqual(told(v2, row.resources), row.v2);
  });

test("systemd is told of files that are named as they are", () => {
  const unified = {
    "memory.high": "1048576",
    "memory.min": "4096",
    "cpu.max": "max 20000",
    "cpu.weight": "50",
    "pids.max": "max",
    "cpuset.cpus": "1",
    "memory.oom.group": "1",
    "memory.max": "1G",
  };
  assert.deepEqual(told(v2, { unified }), [
    "MemoryHigh=1048576",
    "MemoryMin=4096",
    "CPUQuotaPeriodUSec=20000",
    `CPUQuotaPerSecUSec=${infinity}`,
    "CPUWeight=50",
    `TasksMax=${infinity}`,
    "AllowedCPUs=2",
  ]);
});

test("an older systemd is not told of what it does not know", () => {
  const resources = { cpu: { quota: 50_000, cpus: "0", idle: 1 } };
  assert.deepEqual(told(v2, resources, 239), ["CPUQuotaPerSecUSec=500000"]);
  assert.deepEqual(told(v2, resources, 252), [
    "AllowedCPUs=1",
    "CPUQuotaPeriodUSec=100000",
    "CPUQuotaPerSecUSec=500000",
    "CPUWeight=0",
  ]);
});
