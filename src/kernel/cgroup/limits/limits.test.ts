import assert from "node:assert/strict";
import { test } from "node:test";
import type { Resources } from "../../../spec/runtime/resources.ts";
import type { CgroupHierarchy } from "../hierarchy.ts";
import { parseCgroupsPath, placeCgroup } from "../path.ts";
import { hybrid, v1, v2 } from "../testbed/hierarchies.ts";
import { weightToIoWeight } from "./block-io.ts";
import { sharesToWeight } from "./cpu.ts";
import { type LimitsOptions, limitsOf } from "./limits.ts";

const place = (hierarchy: CgroupHierarchy) =>
  placeCgroup(hierarchy, parseCgroupsPath("/brig/c1", { id: "c1", driver: "cgroupfs" }));

/** `file=value`, with what is forgiven and what is written instead. */
function written(hierarchy: CgroupHierarchy, resources: Resources, options: LimitsOptions = {}) {
  return limitsOf(place(hierarchy), resources, options).settings.map(
    ({ file, value, forgive, instead }) =>
      `${file}=${value}${forgive ? ` unless ${forgive}` : ""}${instead ? ` or ${instead.file}=${instead.value}` : ""}`,
  );
}

const MiB = 1 << 20;

interface Row {
  readonly resources: Resources;
  readonly v1: readonly string[];
  readonly v2: readonly string[];
}

const rows: Readonly<Record<string, Row>> = {
  "memory and swap": {
    resources: { memory: { limit: 64 * MiB, swap: 96 * MiB, reservation: 32 * MiB } },
    v1: [
      "memory.limit_in_bytes=67108864",
      "memory.memsw.limit_in_bytes=100663296",
      "memory.soft_limit_in_bytes=33554432",
    ],
    v2: ["memory.swap.max=33554432", "memory.max=67108864", "memory.low=33554432"],
  },
  "memory without swap": {
    resources: { memory: { limit: 64 * MiB, swap: 64 * MiB } },
    v1: ["memory.limit_in_bytes=67108864", "memory.memsw.limit_in_bytes=67108864"],
    v2: ["memory.swap.max=0 unless ENOENT", "memory.max=67108864"],
  },
  "unlimited memory": {
    resources: { memory: { limit: -1 } },
    v1: ["memory.limit_in_bytes=-1", "memory.memsw.limit_in_bytes=-1 unless ENOENT"],
    v2: ["memory.swap.max=max unless ENOENT", "memory.max=max"],
  },
  "unlimited swap": {
    resources: { memory: { limit: 64 * MiB, swap: -1 } },
    v1: ["memory.limit_in_bytes=67108864", "memory.memsw.limit_in_bytes=-1"],
    v2: ["memory.swap.max=max unless ENOENT", "memory.max=67108864"],
  },
  "memory limits of 0, which are none": {
    resources: { memory: { limit: 0, swap: 0, reservation: 0, kernel: 4096 } },
    v1: [],
    v2: [],
  },
  "memory of more than 2^53 bytes": {
    resources: { memory: { limit: 2n ** 62n } },
    v1: ["memory.limit_in_bytes=4611686018427387904"],
    v2: ["memory.max=4611686018427387904"],
  },
  "the habits of memory": {
    resources: { memory: { kernelTCP: 4096, swappiness: 0, disableOOMKiller: true } },
    v1: ["memory.kmem.tcp.limit_in_bytes=4096", "memory.oom_control=1", "memory.swappiness=0"],
    v2: [],
  },
  "CPU shares, quota, period and burst": {
    resources: { cpu: { shares: 512, quota: 50_000, period: 100_000, burst: 1000 } },
    v1: ["cpu.shares=512", "cpu.cfs_period_us=100000", "cpu.cfs_quota_us=50000", "cpu.cfs_burst_us=1000"],
    v2: ["cpu.weight=59", "cpu.max=50000 100000", "cpu.max.burst=1000"],
  },
  "a quota alone": {
    resources: { cpu: { quota: 20_000 } },
    v1: ["cpu.cfs_quota_us=20000"],
    v2: ["cpu.max=20000 100000"],
  },
  "no quota": {
    resources: { cpu: { quota: -1, period: 50_000 } },
    v1: ["cpu.cfs_period_us=50000", "cpu.cfs_quota_us=-1"],
    v2: ["cpu.max=max 50000"],
  },
  "an idle container, which cannot be given shares any more": {
    resources: { cpu: { idle: 1, shares: 2 } },
    v1: ["cpu.shares=2", "cpu.idle=1"],
    v2: ["cpu.weight=1", "cpu.idle=1"],
  },
  "a container no longer idle": {
    resources: { cpu: { idle: 0, shares: 1024 } },
    v1: ["cpu.idle=0", "cpu.shares=1024"],
    v2: ["cpu.idle=0", "cpu.weight=100"],
  },
  realtime: {
    resources: { cpu: { realtimePeriod: 1_000_000, realtimeRuntime: 950_000 } },
    v1: ["cpu.rt_period_us=1000000", "cpu.rt_runtime_us=950000"],
    v2: [],
  },
  "CPU sets": {
    resources: { cpu: { cpus: "0-1", mems: "0" } },
    v1: ["cpuset.cpus=0-1", "cpuset.mems=0"],
    v2: ["cpuset.cpus=0-1", "cpuset.mems=0"],
  },
  processes: {
    resources: { pids: { limit: 100 } },
    v1: ["pids.max=100"],
    v2: ["pids.max=100"],
  },
  "no processes, which leaves room for the first": {
    resources: { pids: { limit: 0 } },
    v1: ["pids.max=1"],
    v2: ["pids.max=1"],
  },
  "any number of processes": {
    resources: { pids: { limit: -1 } },
    v1: ["pids.max=max"],
    v2: ["pids.max=max"],
  },
  "the weights of block I/O": {
    resources: {
      blockIO: {
        weight: 500,
        leafWeight: 10,
        weightDevice: [{ major: 8, minor: 0, weight: 300, leafWeight: 20 }],
      },
    },
    v1: [
      "blkio.weight=500 or blkio.bfq.weight=500",
      "blkio.leaf_weight=10 or blkio.bfq.leaf_weight=10",
      "blkio.weight_device=8:0 300 or blkio.bfq.weight_device=8:0 300",
      "blkio.leaf_weight_device=8:0 20 or blkio.bfq.leaf_weight_device=8:0 20",
    ],
    v2: ["io.bfq.weight=500 or io.weight=4950", "io.bfq.weight=8:0 300"],
  },
  "the rates of block I/O": {
    resources: {
      blockIO: {
        throttleReadBpsDevice: [{ major: 8, minor: 0, rate: 1 }],
        throttleWriteBpsDevice: [{ major: 8, minor: 0, rate: 2 }],
        throttleReadIOPSDevice: [{ major: 8, minor: 16, rate: 3 }],
        throttleWriteIOPSDevice: [{ major: 8, minor: 16, rate: 2n ** 63n }],
      },
    },
    v1: [
      "blkio.throttle.read_bps_device=8:0 1",
      "blkio.throttle.write_bps_device=8:0 2",
      "blkio.throttle.read_iops_device=8:16 3",
      "blkio.throttle.write_iops_device=8:16 9223372036854775808",
    ],
    v2: [
      "io.max=8:0 rbps=1",
      "io.max=8:0 wbps=2",
      "io.max=8:16 riops=3",
      "io.max=8:16 wiops=9223372036854775808",
    ],
  },
  "huge pages and their reservations": {
    resources: { hugepageLimits: [{ pageSize: "2MB", limit: 4 * MiB }] },
    v1: ["hugetlb.2MB.limit_in_bytes=4194304", "hugetlb.2MB.rsvd.limit_in_bytes=4194304 unless ENOENT"],
    v2: ["hugetlb.2MB.max=4194304", "hugetlb.2MB.rsvd.max=4194304 unless ENOENT"],
  },
  "marks for packets": {
    resources: { network: { classID: 0x10_0001, priorities: [{ name: "eth0", priority: 5 }] } },
    v1: ["net_cls.classid=1048577", "net_prio.ifpriomap=eth0 5"],
    v2: [],
  },
  RDMA: {
    resources: { rdma: { mlx5_1: { hcaHandles: 3, hcaObjects: 100 }, mlx4_0: { hcaHandles: 1 } } },
    v1: ["rdma.max=mlx5_1 hca_handle=3 hca_object=100", "rdma.max=mlx4_0 hca_handle=1"],
    v2: ["rdma.max=mlx5_1 hca_handle=3 hca_object=100", "rdma.max=mlx4_0 hca_handle=1"],
  },
};

for (const [title, row] of Object.entries(rows))
  test(`${title}: what is written in v1 and in v2`, () => {
    assert.deepEqual(written(v1, row.resources), row.v1);
    assert.deepEqual(written(v2, row.resources), row.v2);
  });

test("in an update memory and swap grow from the sum and shrink from the memory", () => {
  const memory = { limit: 64 * MiB, swap: 128 * MiB };
  const first = (limit: number) =>
    written(v1, { memory }, { update: { memoryLimit: BigInt(limit) } })[0]!.split("=")[0];
  assert.equal(first(32 * MiB), "memory.memsw.limit_in_bytes");
  assert.equal(first(256 * MiB), "memory.limit_in_bytes");
});

test("in an update what the old quota or runtime forbids is written once more after it", () => {
  const cpu = { quota: 1000, period: 1000, burst: 500, realtimePeriod: 10, realtimeRuntime: 5 };
  assert.deepEqual(written(v1, { cpu }, { update: { memoryLimit: 0n } }), [
    "cpu.cfs_burst_us=500 unless EINVAL",
    "cpu.cfs_period_us=1000 unless EINVAL",
    "cpu.cfs_quota_us=1000",
    "cpu.cfs_period_us=1000",
    "cpu.cfs_burst_us=500",
    "cpu.rt_period_us=10 unless EINVAL",
    "cpu.rt_runtime_us=5",
    "cpu.rt_period_us=10",
  ]);
});

test("every line of a unified limit is a write of its own", () => {
  assert.deepEqual(written(v2, { unified: { "memory.high": "1G", "io.max": "8:0 rbps=1\n8:16 rbps=2\n" } }), [
    "memory.high=1G",
    "io.max=8:0 rbps=1",
    "io.max=8:16 rbps=2",
  ]);
});

test("unified limits that reach elsewhere, or a host with v1, are refused", () => {
  for (const file of ["../memory.max", "a/memory.max", "memory", ".", "memory.x/y"])
    assert.throws(() => written(v2, { unified: { [file]: "1" } }), /not a file name/);
  assert.throws(() => written(v1, { unified: { "memory.max": "1" } }), /cgroup v2 alone/);
});

test("values that the kernel would silently change, or that contradict each other, are refused", () => {
  assert.throws(() => written(v1, { cpu: { shares: 1 } }), /cpu-shares to 1: the minimum allowed is 2/);
  assert.throws(() => written(v1, { cpu: { shares: 262_145 } }), /maximum allowed is 262144/);
  assert.throws(() => written(v2, { memory: { swap: MiB } }), /needs the memory limit/);
  assert.throws(() => written(v2, { memory: { limit: 2 * MiB, swap: MiB } }), /must be at least 2 MiB/);
});

test("a limit whose controller is not there becomes a finding that says what and why", () => {
  const { settings, findings } = limitsOf(place(hybrid), {
    pids: { limit: 5 },
    memory: { limit: 64 * MiB },
  });
  assert.equal(settings.length, 1);
  assert.deepEqual(findings, [
    {
      kind: "missing-controller",
      controller: "pids",
      from: "linux.resources.pids.limit",
      message: "cannot limit processes to 5: the cgroup controller pids is not mounted or not in the kernel",
    },
  ]);
});

test("a limit that the kernel was built without becomes a finding", () => {
  const { settings, findings } = limitsOf(
    place(v1),
    { memory: { limit: MiB, swap: 2 * MiB } },
    { kernelHas: (_, file) => !file.includes("memsw") },
  );
  assert.deepEqual(
    settings.map((s) => s.file),
    ["memory.limit_in_bytes"],
  );
  assert.deepEqual(
    findings.map((f) => [f.kind, f.from]),
    [["missing-file", "linux.resources.memory.swap"]],
  );
});

test("a limit that only v1 has becomes a finding in v2", () => {
  const { findings } = limitsOf(place(v2), {
    memory: { swappiness: 10, kernelTCP: 1, disableOOMKiller: true },
    cpu: { realtimePeriod: 1, realtimeRuntime: 1 },
    blockIO: { leafWeight: 10 },
    network: { classID: 1, priorities: [{ name: "lo", priority: 1 }] },
  });
  assert.deepEqual([...new Set(findings.map((f) => f.kind))], ["unsupported-setting"]);
  assert.equal(findings.length, 8);
});

test("in a hybrid layout a limit goes to the v2 tree where its controller lives there", () => {
  assert.equal(written(hybrid, { hugepageLimits: [{ pageSize: "2MB", limit: 0 }] })[0], "hugetlb.2MB.max=0");
});

test("CPU shares keep their place between the least, the default and the most", () => {
  // The three points that the formula goes through, and some beyond and between.
  for (const [shares, weight] of [
    [2, 1],
    [1024, 100],
    [262_144, 10_000],
    [0, 1],
    [2 ** 40, 10_000],
    [100, 17],
  ] as const)
    assert.equal(sharesToWeight(shares), weight, `${shares} shares`);
});

test("block I/O weights go from one scale to the other in a straight line", () => {
  assert.deepEqual([10, 500, 1000].map(weightToIoWeight), [1, 4950, 10_000]);
});
