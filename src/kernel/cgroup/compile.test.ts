import assert from "node:assert/strict";
import { test } from "node:test";
import type { Resources } from "../../spec/runtime/resources.ts";
import { ProgramBuilder, SlotAllocator } from "../program/builder.ts";
import { type CompileOptions, compileCgroup } from "./compile.ts";
import type { CgroupHierarchy } from "./hierarchy.ts";
import { parseCgroupsPath, placeCgroup } from "./path.ts";
import { hybrid, v1, v2 } from "./testbed/hierarchies.ts";
import { listing } from "./testbed/listing.ts";

const only = (hierarchy: CgroupHierarchy, ...controllers: readonly string[]): CgroupHierarchy => ({
  ...hierarchy,
  trees: hierarchy.trees.filter((tree) => controllers.some((name) => tree.controllers.includes(name))),
});

function compile(hierarchy: CgroupHierarchy, resources: Resources, options: Partial<CompileOptions> = {}) {
  return compileCgroup({
    cgroup: placeCgroup(hierarchy, parseCgroupsPath("/brig/c1", { id: "c1", driver: "cgroupfs" })),
    resources,
    slots: new SlotAllocator(10),
    kernel: [6, 18],
    defaultDevices: [],
    ...options,
  });
}

test("v1: a hierarchy is opened, its directories are made, limits written and the way in opened", () => {
  const program = compile(only(v1, "memory"), { memory: { limit: 512 << 20 } });
  assert.deepEqual(listing(program.create), [
    "openat(-100, /sys/fs/cgroup/memory, O_PATH|O_DIRECTORY, 0) = cgroup hierarchy",
    "mkdirat(cgroup hierarchy, brig, 493) EEXIST→continue",
    "mkdirat(cgroup hierarchy, brig/c1, 493)",
    "openat(cgroup hierarchy, brig/c1/memory.limit_in_bytes, O_WRONLY, 0) = cgroup file",
    "write(cgroup file, 536870912, 9)",
    "close(cgroup file)",
    "openat(cgroup hierarchy, brig/c1/tasks, O_WRONLY, 0) = the memory cgroup",
    "close(cgroup hierarchy)",
    "openat(-100, /sys/fs/cgroup/memory/brig/c1/memory.oom_control, O_RDONLY, 0) = memory.oom_control ENOENT→continue",
  ]);
  const limit = program.create.find((n) => n.kind === "call" && n.name === "write");
  assert.deepEqual(
    [limit?.kind === "call" && limit.why, limit?.kind === "call" && limit.from],
    ["limit memory to 512 MiB", "linux.resources.memory.limit"],
  );
  assert.deepEqual(listing(program.join), ["write(the memory cgroup, 0, 1)", "close(the memory cgroup)"]);
  assert.deepEqual(listing(program.release), ["close(the memory cgroup)"]);
  assert.deepEqual(listing(program.remove), [
    "unlinkat(-100, /sys/fs/cgroup/memory/brig/c1, 512) ENOENT→continue EBUSY→retry 500×1",
  ]);
  assert.equal(program.bornIn, undefined);
});

test("v1: CPU sets that nobody gives are copied from the parent, into parents too", () => {
  const { create } = compile(only(v1, "cpuset"), { cpu: { cpus: "1" } });
  const copy = (path: string, parent: string, file: string, what: string) => [
    `openat(cgroup hierarchy, ${path}/${file}, O_RDWR, 0) = cgroup file`,
    `read(cgroup file, …, 2) EBADMSG→${path} has ${what}`,
    `openat(cgroup hierarchy, ${parent}/${file}, O_RDONLY, 0) = another cgroup file`,
    "sendfile(cgroup file, another cgroup file, 0, 4096)",
    "close(another cgroup file)",
    `${path} has ${what}:`,
    "close(cgroup file)",
  ];
  assert.deepEqual(listing(create).slice(1, -2), [
    "mkdirat(cgroup hierarchy, brig, 493) EEXIST→continue",
    ...copy("brig", ".", "cpuset.cpus", "CPUs"),
    ...copy("brig", ".", "cpuset.mems", "memory nodes"),
    "mkdirat(cgroup hierarchy, brig/c1, 493)",
    ...copy("brig/c1", "brig", "cpuset.mems", "memory nodes"),
    "openat(cgroup hierarchy, brig/c1/cpuset.cpus, O_WRONLY, 0) = cgroup file",
    "write(cgroup file, 1, 1)",
    "close(cgroup file)",
  ]);
});

test("v1: device rules begin with all and are written through one fd for each file", () => {
  const devices = [
    { allow: true, type: "c", major: 1, minor: 3 },
    { allow: true, type: "b", major: 8, access: "r" },
  ] as const;
  const { create } = compile(only(v1, "devices"), { devices });
  assert.deepEqual(listing(create).slice(4, -1), [
    "openat(cgroup hierarchy, brig/c1/devices.deny, O_WRONLY, 0) = cgroup file",
    "write(cgroup file, a *:* rwm, 9)",
    "close(cgroup file)",
    "openat(cgroup hierarchy, brig/c1/devices.allow, O_WRONLY, 0) = cgroup file",
    "write(cgroup file, c 1:3 rwm, 9)",
    "write(cgroup file, b 8:* r, 7)",
    "close(cgroup file)",
  ]);
});

test("a file that other kernels call otherwise is looked for under both names", () => {
  const { create } = compile(only(v1, "blkio"), { blockIO: { weight: 500 } });
  assert.deepEqual(listing(create).slice(3, -2), [
    "openat(cgroup hierarchy, brig/c1/blkio.weight, O_WRONLY, 0) = cgroup file ENOENT→blkio.bfq.weight",
    "write(cgroup file, 500, 3)",
    "close(cgroup file)",
    "jump after blkio.weight",
    "blkio.bfq.weight:",
    "openat(cgroup hierarchy, brig/c1/blkio.bfq.weight, O_WRONLY, 0) = cgroup file",
    "write(cgroup file, 500, 3)",
    "close(cgroup file)",
    "after blkio.weight:",
  ]);
});

test("v2: controllers are passed on, the child is born in the cgroup and a program filters devices", () => {
  const hierarchy = { ...v2, trees: v2.trees.map((tree) => ({ ...tree, controllers: ["memory", "pids"] })) };
  const program = compile(hierarchy, { memory: { limit: 64 << 20 }, pids: { limit: 10 } });
  const text = listing(program.create).map((line) => line.replace(/( E[A-Z]+→[^E]*)+$/, " (tolerant)"));
  assert.deepEqual(text, [
    "openat(-100, /sys/fs/cgroup, O_PATH|O_DIRECTORY, 0) = cgroup hierarchy",
    "openat(cgroup hierarchy, cgroup.subtree_control, O_WRONLY, 0) = cgroup file (tolerant)",
    "write(cgroup file, +memory, 7) (tolerant)",
    "write(cgroup file, +pids, 5) (tolerant)",
    "processes in /:",
    "close(cgroup file)",
    "controllers of /:",
    "mkdirat(cgroup hierarchy, brig, 493) (tolerant)",
    "openat(cgroup hierarchy, brig/cgroup.subtree_control, O_WRONLY, 0) = cgroup file (tolerant)",
    "write(cgroup file, +memory, 7) (tolerant)",
    "write(cgroup file, +pids, 5) (tolerant)",
    "processes in /brig:",
    "close(cgroup file)",
    "controllers of /brig:",
    "mkdirat(cgroup hierarchy, brig/c1, 493)",
    "openat(cgroup hierarchy, brig/c1/memory.max, O_WRONLY, 0) = cgroup file",
    "write(cgroup file, 67108864, 8)",
    "close(cgroup file)",
    "openat(cgroup hierarchy, brig/c1/pids.max, O_WRONLY, 0) = cgroup file",
    "write(cgroup file, 10, 2)",
    "close(cgroup file)",
    "openat(cgroup hierarchy, brig/c1, O_RDONLY|O_DIRECTORY, 0) = the unified cgroup",
    'bpf(5, {prog_type=BPF_PROG_TYPE_CGROUP_DEVICE, insn_cnt=8, license="Apache-2.0", prog_name="devices"}, 64) = cgroup file',
    "bpf(8, {target_fd=13, attach_bpf_fd=11, attach_type=BPF_CGROUP_DEVICE, attach_flags=BPF_F_ALLOW_MULTI}, 16)",
    "close(cgroup file)",
    "close(cgroup hierarchy)",
    "openat(-100, /sys/fs/cgroup/brig/c1/memory.events, O_RDONLY, 0) = memory.events (tolerant)",
  ]);
  assert.equal(program.bornIn?.name, "the unified cgroup");
  assert.deepEqual(listing(program.join), ["close(the unified cgroup)"]);
  assert.deepEqual(listing(program.remove), [
    "openat(-100, /sys/fs/cgroup/brig/c1/cgroup.kill, O_WRONLY, 0) = cgroup.kill ENOENT→no cgroup.kill",
    "write(cgroup.kill, 1, 1) EOPNOTSUPP→continue",
    "close(cgroup.kill)",
    "no cgroup.kill:",
    "unlinkat(-100, /sys/fs/cgroup/brig/c1, 512) ENOENT→continue EBUSY→retry 500×1",
  ]);
});

test("v2: nothing is passed on that the parent passes on already, and all devices need no program", () => {
  const program = compile(
    v2,
    { devices: [{ allow: true }] },
    { delegated: v2.trees[0]!.controllers, owner: 100_000 },
  );
  assert.deepEqual(
    listing(program.create).map((line) => line.split("(")[0]),
    ["openat", "mkdirat", "mkdirat", "openat", ...Array(6).fill("fchownat"), "close", "openat"],
  );
});

test("v2 before Linux 5.7: the child writes itself into the cgroup", () => {
  const program = compile(v2, {}, { kernel: [5, 4] });
  assert.equal(program.bornIn, undefined);
  assert.deepEqual(listing(program.join), ["write(the unified cgroup, 0, 1)", "close(the unified cgroup)"]);
  assert.ok(listing(program.create).some((line) => line.includes("brig/c1/cgroup.procs")));
});

test("where a process of ours keeps the cgroup the child writes itself in, and only then is that process to leave", () => {
  const p = new ProgramBuilder();
  p.call("leave", "getpid", []);
  const program = compile(v2, { pids: { limit: 1 } }, { vacate: p.instructions, existing: true });
  assert.equal(program.bornIn, undefined);
  assert.deepEqual(listing(program.join), ["write(the unified cgroup, 0, 1)", "close(the unified cgroup)"]);
  assert.deepEqual(listing(program.joined ?? []), ["getpid()"]);
  assert.ok(!listing(program.release).includes("getpid()"));
  assert.equal(compile(v2, {}).joined, undefined);
  // Whoever made it removes it: of v2 nothing is left to us but to kill what is in it.
  assert.ok(!listing(program.remove).some((line) => line.startsWith("unlinkat")));
});

test("hybrid: only the controllers that a limit needs are passed on in the v2 tree", () => {
  const enabling = (resources: Resources) =>
    listing(compile(hybrid, resources).create).filter((line) => line.includes("write(cgroup file, +"));
  assert.deepEqual(enabling({ memory: { limit: 1 << 20 } }), []);
  assert.equal(enabling({ hugepageLimits: [{ pageSize: "2MB", limit: 0 }] }).length, 2);
});

test("what a container sees of the hierarchies has their names, options and links", () => {
  const seen = compile(v1, {}).mounts.map(({ name, type, option, links }) =>
    [name, type, option, ...links].join(" "),
  );
  assert.deepEqual(
    [seen[1], seen[2], seen[9]],
    ["cpu,cpuacct cgroup cpu,cpuacct cpu cpuacct", "memory cgroup memory", "systemd cgroup name=systemd"],
  );
  assert.deepEqual(
    compile(v2, {}).mounts.map((m) => [m.type, m.path]),
    [["cgroup2", "/sys/fs/cgroup/brig/c1"]],
  );
  assert.deepEqual(
    compile(hybrid, {}).mounts.map((m) => m.name),
    ["memory"],
  );
});

test("a host without cgroups gets an empty program, and says so for every limit", () => {
  const program = compile({ mode: "none", trees: [] }, { pids: { limit: 1 } });
  assert.deepEqual([...program.create, ...program.join, ...program.release, ...program.remove], []);
  assert.equal(program.findings[0]!.kind, "missing-controller");
});
