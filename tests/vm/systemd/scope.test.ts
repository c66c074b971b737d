/** Containers whose cgroups systemd makes: `--systemd-cgroup`, on a host whose process 1 it is. */

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { until } from "../../cli/brig.ts";
import { Bundle, type Draft, notFor } from "../../oci/bundle.ts";
import { cgroupOf, cgroupsNamed, properties, systemctl, unified, unitsLike, withoutSystemd } from "./host.ts";

const skip = withoutSystemd;
const MiB = 1 << 20;

const sleeper = (config: Draft) => void (config.process.args = ["sleep", "600"]);

/** In a slice below a slice, by a name that a test can look for. */
function scoped(change: (config: Draft) => void = sleeper): Bundle & { readonly unit: string } {
  const bundle = new Bundle();
  bundle.write((config) => {
    change(config);
    config.linux.cgroupsPath = `brigtest-deep.slice:brigtest:${bundle.id}`;
  });
  return Object.assign(bundle, { unit: `brigtest-${bundle.id}.scope` });
}

/** A file of the container's cgroup: v2's, or that controller's of v1. */
function file(bundle: { readonly unit: string }, controller: string, name: string, legacy = name): string {
  const root = unified ? "/sys/fs/cgroup" : `/sys/fs/cgroup/${controller}`;
  const path = join(root, "brigtest.slice/brigtest-deep.slice", bundle.unit, unified ? name : legacy);
  return readFileSync(path, "utf8").trim();
}

function assertNothingLeft(bundle: { readonly unit: string }): void {
  assert.equal(properties(bundle.unit, "LoadState").LoadState, "not-found");
  assert.deepEqual(cgroupsNamed(new RegExp(`^${RegExp.escape(bundle.unit)}$`)), []);
}

/** The machine's disk, which root may read wherever the device rules allow it. */
const rdev = statSync("/dev/vda", { throwIfNoEntry: false })?.rdev ?? 0;
const disk = { path: "/dev/mine", type: "b", major: rdev >> 8, minor: rdev & 0xff, fileMode: 0o666 };

const limits = {
  memory: { limit: 64 * MiB },
  cpu: { shares: 512, quota: 33_333, period: 100_000, cpus: "0" },
  pids: { limit: 33 },
};

test("the container's process alone is in a scope of the slice that was asked for", { skip }, () => {
  using bundle = scoped();
  bundle.start();
  const { pid } = bundle.stateOf();
  assert.equal(cgroupOf(pid), `/brigtest.slice/brigtest-deep.slice/${bundle.unit}`);
  const { Slice, ActiveState, SubState, Delegate, Transient, DefaultDependencies } = properties(
    bundle.unit,
    ...["Slice", "ActiveState", "SubState", "Delegate", "Transient", "DefaultDependencies"],
  );
  assert.deepEqual(
    [Slice, ActiveState, SubState, Delegate, Transient, DefaultDependencies],
    ["brigtest-deep.slice", "active", "running", "yes", "yes", "no"],
  );
  assert.equal(file(bundle, "pids", "cgroup.procs"), String(pid));
});

test("limits are properties of the unit, and exact in its files", { skip }, () => {
  using bundle = scoped((config) => {
    sleeper(config);
    Object.assign(config.linux.resources, limits);
  });
  bundle.start();
  const memory = unified ? "MemoryMax" : "MemoryLimit";
  const shown = properties(bundle.unit, memory, "CPUQuotaPerSecUSec", "TasksMax", "AllowedCPUs");
  assert.deepEqual(
    [shown[memory], shown.CPUQuotaPerSecUSec, shown.TasksMax],
    [String(64 * MiB), "340ms", "33"],
  );
  if (unified) assert.equal(shown.AllowedCPUs, "0");
  assert.equal(file(bundle, "memory", "memory.max", "memory.limit_in_bytes"), String(64 * MiB));
  assert.match(file(bundle, "cpu", "cpu.max", "cpu.cfs_quota_us"), /^33333( 100000)?$/);
  assert.equal(file(bundle, "pids", "pids.max"), "33");
  assert.equal(file(bundle, "cpuset", "cpuset.cpus"), "0");
});

test("what systemd writes when it reads its units again changes no limit and allows no device", {
  skip,
}, () => {
  using bundle = scoped((config) => {
    const look = "head -c1 /dev/mine 2>/dev/null | wc -c; head -c1 /dev/zero | wc -c";
    config.process.args = ["sh", "-c", `while :; do ${look}; sleep 1; done`];
    config.linux.devices = [disk];
    Object.assign(config.linux.resources, limits);
  });
  bundle.start();
  systemctl("daemon-reload");
  systemctl("set-property", "--runtime", bundle.unit, "IOAccounting=yes");
  const { stdout } = bundle.oci(
    "exec",
    bundle.id,
    "sh",
    "-c",
    "head -c1 /dev/mine | wc -c; head -c1 /dev/zero | wc -c",
  );
  assert.equal(stdout, "0\n1\n");
  assert.equal(file(bundle, "memory", "memory.max", "memory.limit_in_bytes"), String(64 * MiB));
  assert.equal(file(bundle, "pids", "pids.max"), "33");
});

test("one process is enough for a container that may have one", {
  skip: skip || notFor({ runc: "forks" }),
}, () => {
  using bundle = scoped((config) => {
    config.process.args = ["sh", "-c", "read x </proc/self/stat; echo ran; (exit 0) || echo none"];
    config.linux.resources.pids = { limit: 1 };
  });
  const { stdout, stderr } = bundle.run();
  assert.match(stdout, /^ran\n/, stderr);
  assert.match(stderr, /can't fork/);
  assertNothingLeft(bundle);
});

test("run tells the exit code and leaves nothing, with a user namespace and hooks as well", { skip }, () => {
  using bundle = scoped((config) => {
    config.process.args = ["sh", "-c", "cat /proc/self/cgroup; exit 7"];
    config.linux.namespaces.push({ type: "user" }, { type: "cgroup" });
    config.linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }];
    config.linux.gidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }];
    config.hooks = { createRuntime: [{ path: "/bin/true" }], poststart: [{ path: "/bin/true" }] };
  });
  const { code, stdout, stderr } = bundle.run();
  assert.equal(code, 7, stderr);
  for (const line of stdout.trim().split("\n")) assert.match(line, /^\d+:[^:]*:\/$/);
  assertNothingLeft(bundle);
});

test("exec, ps, pause, resume and kill reach the processes of the scope", { skip }, async () => {
  using bundle = scoped();
  bundle.start();
  const { stdout } = bundle.oci("exec", bundle.id, "cat", "/proc/self/cgroup");
  assert.match(stdout, new RegExp(`${RegExp.escape(bundle.unit)}$`, "m"));
  assert.equal(bundle.oci("pause", bundle.id).code, 0);
  assert.equal(bundle.stateOf().status, "paused");
  assert.equal(bundle.oci("resume", bundle.id).code, 0);
  assert.equal(bundle.stateOf().status, "running");
  assert.equal(bundle.oci("kill", bundle.id, "KILL").code, 0);
  await until(() => bundle.stateOf().status === "stopped", "it has ended");
  assert.equal(bundle.oci("delete", bundle.id).code, 0);
  assertNothingLeft(bundle);
});

test("a paused container is deleted with its unit", { skip }, () => {
  using bundle = scoped();
  bundle.start();
  assert.equal(bundle.oci("pause", bundle.id).code, 0);
  assert.equal(bundle.oci("delete", "--force", bundle.id).code, 0);
  assertNothingLeft(bundle);
});

test("update changes properties and files, and neither where the kernel refuses", {
  skip: skip || notFor({ crun: "rounds" }),
}, () => {
  using bundle = scoped((config) => {
    sleeper(config);
    Object.assign(config.linux.resources, limits);
  });
  bundle.start();
  const flags = ["--memory", "100m", "--pids-limit", "20", "--cpu-quota", "55555"];
  const { code, stderr } = bundle.oci("update", ...flags, bundle.id);
  assert.equal(code, 0, stderr);
  const memory = unified ? "MemoryMax" : "MemoryLimit";
  const shown = properties(bundle.unit, memory, "TasksMax", "CPUQuotaPerSecUSec");
  assert.deepEqual(
    [shown[memory], shown.TasksMax, shown.CPUQuotaPerSecUSec],
    [String(100 * MiB), "20", "560ms"],
  );
  assert.equal(file(bundle, "memory", "memory.max", "memory.limit_in_bytes"), String(100 * MiB));
  assert.equal(file(bundle, "pids", "pids.max"), "20");
  assert.match(file(bundle, "cpu", "cpu.max", "cpu.cfs_quota_us"), /^55555\b/);
  const document = JSON.stringify({ memory: { limit: 4096, checkBeforeUpdate: true } });
  assert.notEqual(bundle.ociWith({ input: document }, "update", "-r", "-", bundle.id).code, 0);
  assert.equal(properties(bundle.unit, memory)[memory], String(100 * MiB));
});

test("update can allow a device, and the others stay", { skip: skip || notFor({ crun: "does not" }) }, () => {
  using bundle = scoped((config) => {
    sleeper(config);
    config.linux.devices = [disk];
  });
  bundle.start();
  const open = () =>
    bundle.oci(
      "exec",
      bundle.id,
      "sh",
      "-c",
      "head -c0 /dev/mine && echo mine; head -c0 /dev/zero && echo zero",
    ).stdout;
  assert.equal(open(), "zero\n");
  const rules = [
    { allow: false, access: "rwm" },
    { allow: true, type: disk.type, major: disk.major, minor: disk.minor, access: "r" },
  ];
  const document = JSON.stringify({ devices: rules });
  const { code, stderr } = bundle.ociWith({ input: document }, "update", "-r", "-", bundle.id);
  assert.equal(code, 0, stderr);
  assert.equal(open(), "mine\nzero\n");
});

test("a container that was killed for want of memory leaves no failed unit", { skip }, () => {
  using bundle = scoped((config) => {
    config.process.args = ["tail", "/dev/zero"];
    config.linux.resources.memory = { limit: 8 * MiB, swap: 8 * MiB };
  });
  assert.equal(bundle.run().code, 137);
  assertNothingLeft(bundle);
  assert.equal(systemctl("list-units", "--failed", "--plain", "--no-legend", "brigtest*"), "");
});

test("systemctl stop ends the container", { skip }, async () => {
  using bundle = scoped((config) => {
    config.process.args = ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 0.1; done"];
  });
  bundle.start();
  systemctl("stop", bundle.unit);
  await until(() => bundle.stateOf().status === "stopped", "it has ended");
  assert.equal(bundle.oci("delete", bundle.id).code, 0);
  assertNothingLeft(bundle);
});

test("annotations set properties of the unit, and one that it has not is an error that leaves nothing", {
  skip,
}, () => {
  {
    using bundle = scoped((config) => {
      sleeper(config);
      config.annotations = {
        "org.systemd.property.TimeoutStopUSec": "uint64 7000000",
        "org.systemd.property.Description": "'mine'",
      };
    });
    bundle.start();
    const shown = properties(bundle.unit, "TimeoutStopUSec", "Description");
    assert.deepEqual([shown.TimeoutStopUSec, shown.Description], ["7s", "mine"]);
  }
  using wrong = scoped((config) => {
    sleeper(config);
    config.annotations = { "org.systemd.property.NoSuchThing": "true" };
  });
  const { code, stderr } = wrong.run();
  assert.equal(code, 1);
  assert.match(stderr, /NoSuchThing/);
  assert.equal(wrong.oci("list", "-q").stdout, "");
  assertNothingLeft(wrong);
});

test("a unit of that name that is somebody else's is not touched", { skip }, async () => {
  using bundle = scoped();
  const other = spawn("systemd-run", ["--scope", `--unit=${bundle.unit}`, "sleep", "600"], {
    stdio: "ignore",
  });
  try {
    await until(() => properties(bundle.unit, "ActiveState").ActiveState === "active", "the other unit runs");
    const { code, stderr } = bundle.run();
    assert.equal(code, 1);
    assert.match(stderr, /brigtest-.*scope/);
    assert.equal(properties(bundle.unit, "ActiveState").ActiveState, "active");
  } finally {
    // The last process of it, with which the unit goes.
    other.kill("SIGKILL");
  }
});

test("a container whose command cannot be found leaves no unit", { skip }, () => {
  using bundle = scoped((config) => void (config.process.args = ["/no/such/command"]));
  const { code } = bundle.oci("create", bundle.id);
  assert.notEqual(code, 0);
  assertNothingLeft(bundle);
});

test("paths that are no slice and unit are refused", { skip }, () => {
  for (const [path, expected] of [
    ["/a/b", /slice:prefix:name/],
    ["a--b.slice:x:y", /slice/],
    ["not-a-slice:x:y", /slice/],
  ] as const) {
    using bundle = new Bundle((config) => void (config.linux.cgroupsPath = path));
    const { code, stderr } = bundle.run();
    assert.notEqual(code, 0);
    assert.match(stderr, expected);
  }
});

test("without a message bus systemd is spoken to by its own socket", {
  skip: skip || notFor({ runc: "needs a bus", crun: "needs a bus" }),
}, () => {
  systemctl("stop", "dbus.socket", "dbus.service");
  try {
    assert.equal(properties("dbus.socket", "ActiveState").ActiveState, "inactive");
    using bundle = scoped((config) => void (config.process.args = ["true"]));
    const { code, stderr } = bundle.run();
    assert.equal(code, 0, stderr);
    assertNothingLeft(bundle);
  } finally {
    systemctl("start", "dbus.socket");
  }
});

test("wherever its maker is killed, nothing is left but what delete takes away", { skip }, async () => {
  using bundle = scoped();
  const begun = performance.now();
  assert.equal(bundle.background("create", bundle.id).code, 0);
  const whole = performance.now() - begun;
  bundle.oci("delete", "--force", bundle.id);
  const times = 8;
  for (let i = 1; i <= times; i++) {
    const maker = spawnSync(
      "sh",
      [
        "-c",
        `"$@" </dev/null >/dev/null 2>&1 & sleep ${((whole * i) / times / 1000).toFixed(3)}; kill -9 $!; wait $!`,
        "-",
        ...bundle.commandOf("create", bundle.id),
      ],
      { cwd: bundle.path, encoding: "utf8" },
    );
    assert.equal(maker.error, undefined);
    const stopped = () => unitsLike(bundle.unit) === "";
    const created = bundle.oci("state", bundle.id).stdout.includes('"created"');
    // Unless it was made by then the unit goes by itself.
    if (!created)
      await until(
        stopped,
        () => `after ${i}/${times} of the time the unit is gone: ${unitsLike(bundle.unit)}`,
      );
    assert.equal(bundle.oci("delete", "--force", bundle.id).code, 0);
    assertNothingLeft(bundle);
    await sleep(10);
  }
});
