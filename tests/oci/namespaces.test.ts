/** Namespaces, made, joined and inherited, and what lives in them (runtime-spec, config-linux.md#namespaces). */

import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { readlinkSync } from "node:fs";
import { test } from "node:test";
import { Bundle, type Draft, notFor } from "./bundle.ts";

const files = {
  pid: "pid",
  network: "net",
  mount: "mnt",
  ipc: "ipc",
  uts: "uts",
  cgroup: "cgroup",
  user: "user",
  time: "time",
} as const;
type Type = keyof typeof files;

function ofHost(type: Type): string {
  return readlinkSync(`/proc/self/ns/${files[type]}`);
}

/** unshare(1) stays outside of its pid namespace. */
function pathOf(pid: number, type: Type): string {
  return `/proc/${pid}/ns/${type === "pid" ? "pid_for_children" : files[type]}`;
}

/** The namespace that a script in the container sees itself in. */
function ofContainer(type: Type, change: (config: Draft) => void): string {
  using bundle = new Bundle();
  const { code, stdout, stderr } = bundle.sh(`readlink /proc/self/ns/${files[type]}`, change);
  assert.equal(code, 0, stderr);
  return stdout.trim();
}

function without(type: Type) {
  return (config: Draft) => {
    config.linux.namespaces = config.linux.namespaces.filter((n: Draft) => n.type !== type);
    if (type === "uts") delete config.hostname;
    // A sysfs belongs to a network namespace of one's own.
    if (type === "network") config.mounts = config.mounts.filter((m: Draft) => m.type !== "sysfs");
  };
}

function mapped(config: Draft): void {
  config.linux.namespaces.push({ type: "user" });
  config.linux.uidMappings = [{ containerID: 0, hostID: 100000, size: 65536 }];
  config.linux.gidMappings = [{ containerID: 0, hostID: 200000, size: 65536 }];
}

for (const type of ["pid", "network", "mount", "ipc", "uts", "cgroup", "time", "user"] as const) {
  const old = { runc: "runc 1.1 has no time namespaces", crun: "crun 1.8 fails on the kernel at hand" };
  test(`a ${type} namespace without a path is a new one`, { skip: type === "time" && notFor(old) }, () => {
    const seen = ofContainer(type, (config) => {
      if (type === "user") mapped(config);
      else if (type === "cgroup" || type === "time") config.linux.namespaces.push({ type });
    });
    assert.match(seen, new RegExp(`^${files[type]}:`));
    assert.notEqual(seen, ofHost(type));
  });
}

for (const type of ["pid", "network", "ipc", "uts", "cgroup"] as const) {
  test(`a ${type} namespace that is not listed is the caller's`, () => {
    assert.equal(ofContainer(type, without(type)), ofHost(type));
  });
}

for (const type of ["pid", "network", "ipc", "uts", "mount", "cgroup"] as const) {
  test(`a ${type} namespace with a path is joined`, async () => {
    await using other = await unshared();
    const seen = ofContainer(type, (config) => {
      without(type)(config);
      config.linux.namespaces.push({ type, path: pathOf(other.pid, type) });
    });
    // A mount namespace that is joined is the container's, not a copy.
    assert.equal(seen, readlinkSync(pathOf(other.pid, type)));
  });
}

test("a path of another type of namespace is an error", () => {
  using bundle = new Bundle((config) => {
    without("ipc")(config);
    config.linux.namespaces.push({ type: "ipc", path: "/proc/self/ns/uts" });
  });
  assert.notEqual(bundle.run().code, 0);
});

test("a path that is no namespace at all is an error", () => {
  using bundle = new Bundle((config) => {
    without("ipc")(config);
    config.linux.namespaces.push({ type: "ipc", path: "/etc/passwd" });
  });
  assert.notEqual(bundle.run().code, 0);
});

test("the ids of a user namespace are mapped, and root of the container is not root of the host", () => {
  using bundle = new Bundle();
  const { stdout } = bundle.sh(
    "id -u; cat /proc/self/uid_map /proc/self/gid_map; touch /dev/shm/f; stat -c %u /dev/shm/f",
    mapped,
  );
  assert.deepEqual(stdout.trim().split(/\s+/), ["0", "0", "100000", "65536", "0", "200000", "65536", "0"]);
});

test("a container with a user namespace has devices, masks and read-only paths as any other", () => {
  using bundle = new Bundle();
  const { code, stdout, stderr } = bundle.sh(
    "echo x >/dev/null && wc -c </proc/keys; ls /sys/firmware | wc -l; echo 1 >/proc/sys/kernel/domainname",
    (config) => {
      mapped(config);
      config.linux.maskedPaths = ["/proc/keys", "/proc/timer_list", "/sys/firmware", "/proc/acpi"];
      config.linux.readonlyPaths = ["/proc/sys"];
    },
  );
  assert.deepEqual(stdout.trim().split(/\s+/), ["0", "0"]);
  assert.notEqual(code, 0);
  assert.match(stderr, /[Rr]ead-only file system/);
});

test("process 1 of a pid namespace is the command, and /proc shows only the container", () => {
  using bundle = new Bundle();
  const { stdout } = bundle.sh("echo $$; ls -d /proc/[0-9]* | wc -l");
  const [own, count] = stdout.trim().split("\n").map(Number);
  assert.equal(own, 1);
  assert.ok(count! <= 3, `sh, ls and wc, not ${count}`);
});

test("host name and domain name are those of the config", {
  skip: notFor({ runc: "runc 1.1 knows no domainname" }),
}, () => {
  using bundle = new Bundle();
  const { stdout } = bundle.sh("hostname; cat /proc/sys/kernel/domainname", (config) => {
    config.hostname = "ship";
    config.domainname = "harbour.example";
  });
  assert.equal(stdout, "ship\nharbour.example\n");
});

test("sysctls of the container's namespaces are set", () => {
  using bundle = new Bundle();
  const { stdout } = bundle.sh("cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/msgmax", (config) => {
    config.linux.sysctl = { "net.ipv4.ip_forward": "1", "kernel.msgmax": "4242" };
  });
  assert.equal(stdout, "1\n4242\n");
});

test("the clocks of a time namespace have the offsets of the config", {
  skip: notFor({ runc: "runc 1.1 has no time namespaces", crun: "crun 1.8 fails on the kernel at hand" }),
}, () => {
  using bundle = new Bundle();
  const { stdout } = bundle.sh("cut -d. -f1 /proc/uptime", (config) => {
    config.linux.namespaces.push({ type: "time" });
    config.linux.timeOffsets = { boottime: { secs: 1000000, nanosecs: 0 } };
  });
  assert.ok(Number(stdout) >= 1000000, stdout);
});

test("the loopback interface of a network namespace is up, and there is no other", () => {
  using bundle = new Bundle();
  const { stdout } = bundle.sh("ip -o link | cut -d' ' -f2,3; ip -o -4 addr show lo | grep -c 127.0.0.1");
  assert.match(stdout, /^lo: <[^>]*\bUP\b[^>]*>\n1\n$/);
});

/** A process with a namespace of each type, ended when disposed. */
async function unshared(): Promise<AsyncDisposable & { readonly pid: number }> {
  const types = ["--pid", "--fork", "--kill-child", "--net", "--ipc", "--uts", "--mount", "--cgroup"];
  const child: ChildProcess = spawn("unshare", [...types, "sh", "-c", "echo ready; exec sleep 60"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise((resolve) => child.stdout!.once("data", resolve));
  return {
    pid: child.pid!,
    async [Symbol.asyncDispose]() {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await ended;
    },
  };
}

const devices = { runc: "runc 1.1 has no network devices", crun: "crun 1.8 has no network devices" };

test("a network device moves into the container, gets its new name, keeps its addresses and is up", {
  skip: notFor(devices),
}, () => {
  const name = `brig${process.pid % 100000}`;
  using _device = veth(name);
  execFileSync("ip", ["addr", "add", "192.0.2.7/24", "dev", name]);
  execFileSync("ip", ["-6", "addr", "add", "2001:db8::7/64", "dev", name]);
  using bundle = new Bundle();
  const { stdout, stderr } = bundle.sh(
    "ip -o link show dev inside; ip -o addr show dev inside scope global",
    ({ linux }) => {
      linux.netDevices = { [name]: { name: "inside" } };
    },
  );
  assert.match(stdout, /inside@if\d+: <[^>]*\bUP\b/, stderr);
  assert.match(stdout, /inet 192\.0\.2\.7\/24/);
  assert.match(stdout, /inet6 2001:db8::7\/64/);
});

test("a network device keeps its name unless it gets another; one that is not there is an error", {
  skip: notFor(devices),
}, () => {
  const name = `brig${process.pid % 100000}`;
  using _device = veth(name);
  using bundle = new Bundle();
  assert.equal(
    bundle.sh(`ip link show dev ${name}`, ({ linux }) => void (linux.netDevices = { [name]: {} })).code,
    0,
  );
  const { code, stderr } = bundle.sh("true", ({ linux }) => void (linux.netDevices = { "brig-none": {} }));
  assert.notEqual(code, 0);
  assert.match(stderr, /brig-none/);
});

test("a network device whose name is taken in the container is an error, and one with %d gets a free one", {
  skip: notFor(devices),
}, () => {
  const name = `brig${process.pid % 100000}`;
  using _device = veth(name);
  using bundle = new Bundle();
  assert.notEqual(
    bundle.sh("true", ({ linux }) => void (linux.netDevices = { [name]: { name: "lo" } })).code,
    0,
  );
  using _again = veth(name);
  const { stdout, stderr } = bundle.sh(
    "ls /sys/class/net",
    ({ linux }) => void (linux.netDevices = { [name]: { name: "eth%d" } }),
  );
  assert.equal(stdout, "eth0\nlo\n", stderr);
});

/** An interface of the host; it ends with the namespace that it was moved to. */
function veth(name: string): Disposable {
  // By the end that stays: the kernel takes its time to end a namespace.
  const remove = () => {
    for (const end of [`${name}p`, name]) spawnSync("ip", ["link", "delete", end], { stdio: "ignore" });
  };
  remove();
  execFileSync("ip", ["link", "add", name, "type", "veth", "peer", "name", `${name}p`]);
  execFileSync("ip", ["link", "set", `${name}p`, "up"]);
  return { [Symbol.dispose]: remove };
}
