/** Namespaces, made, joined and inherited, and what lives in them (runtime-spec, config-linux.md#namespaces). */

import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync, readlinkSync, writeFileSync } from "node:fs";
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

const noTime = notFor({
  runc: { before: "1.3", why: "has no time namespaces" },
  crun: "fails on the kernel at hand",
});

for (const type of ["pid", "network", "mount", "ipc", "uts", "cgroup", "time", "user"] as const) {
  test(`a ${type} namespace without a path is a new one`, { skip: type === "time" && noTime }, () => {
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
  skip: notFor({ runc: { before: "1.3", why: "knows no domainname" } }),
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

test("the clocks of a time namespace have the offsets of the config", { skip: noTime }, () => {
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

const every = ["--pid", "--fork", "--kill-child", "--net", "--ipc", "--uts", "--mount", "--cgroup"];

/** A process with a namespace of each type, ended when disposed. */
async function unshared(...types: readonly string[]): Promise<AsyncDisposable & { readonly pid: number }> {
  const child: ChildProcess = spawn(
    "unshare",
    [...(types.length > 0 ? types : every), "sh", "-c", "echo ready; exec sleep 60"],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
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

/** A process with a user namespace, and others that belong to it. */
async function users(...types: readonly string[]): Promise<AsyncDisposable & { readonly pid: number }> {
  const other = await unshared("--user", ...types);
  writeFileSync(`/proc/${other.pid}/uid_map`, "0 100000 65536\n");
  writeFileSync(`/proc/${other.pid}/gid_map`, "0 200000 65536\n");
  return other;
}

const joins = { skip: notFor({ runc: { before: "1.3", why: "wants the mappings too" } }) };
const join = (config: Draft, type: Type, { pid }: { readonly pid: number }) => {
  without(type)(config);
  config.linux.namespaces.push({ type, path: pathOf(pid, type) });
};

test(
  "a user namespace with a path is joined: its mappings hold, and it owns the namespaces that are new",
  joins,
  async () => {
    await using other = await users();
    using bundle = new Bundle();
    const { stdout, stderr } = bundle.sh(
      "readlink /proc/self/ns/user; cat /proc/self/uid_map /proc/self/gid_map; id -u; hostname mine && hostname; mount -t tmpfs none /tmp && echo mounted",
      (config) => {
        join(config, "user", other);
        for (const set of ["bounding", "effective", "permitted"])
          config.process.capabilities[set] = ["CAP_SYS_ADMIN"];
      },
    );
    assert.deepEqual(
      stdout.trim().split(/\s+/),
      [
        readlinkSync(pathOf(other.pid, "user")),
        ...["0", "100000", "65536", "0", "200000", "65536", "0", "mine", "mounted"],
      ],
      stderr,
    );
  },
);

test(
  "with it other namespaces are joined, those that belong to it and those of the host",
  joins,
  async () => {
    await using other = await users("--net", "--uts");
    await using host = await unshared("--ipc");
    using bundle = new Bundle();
    const { stdout, stderr } = bundle.sh(
      "for n in user net uts ipc; do readlink /proc/self/ns/$n; done",
      (config) => {
        for (const type of ["user", "network", "uts"] as const) join(config, type, other);
        join(config, "ipc", host);
      },
    );
    const expected = ["user", "network", "uts"].map((type) => readlinkSync(pathOf(other.pid, type as Type)));
    assert.deepEqual(stdout.trim().split("\n"), [...expected, readlinkSync(pathOf(host.pid, "ipc"))], stderr);
  },
);

test("a container in a joined user namespace is created, entered, killed and deleted", joins, async () => {
  await using other = await users();
  using bundle = new Bundle((config) => {
    config.process.args = ["sleep", "60"];
    join(config, "user", other);
  });
  bundle.start();
  assert.equal(readlinkSync(pathOf(bundle.stateOf().pid, "user")), readlinkSync(pathOf(other.pid, "user")));
  const { stdout, stderr } = bundle.oci("exec", bundle.id, "sh", "-c", "id -u; readlink /proc/self/ns/user");
  assert.equal(stdout, `0\n${readlinkSync(pathOf(other.pid, "user"))}\n`, stderr);
  assert.equal(bundle.oci("kill", bundle.id, "KILL").code, 0);
  while (bundle.stateOf().status !== "stopped");
  assert.equal(bundle.oci("delete", bundle.id).code, 0);
});

test("its mappings are those of a mount with idmap", joins, async () => {
  await using other = await users();
  using bundle = new Bundle();
  mkdirSync(`${bundle.rootfs}/t`);
  const { stdout, stderr } = bundle.sh("stat -c %u:%g /t", (config) => {
    join(config, "user", other);
    config.mounts.push({ destination: "/t", type: "bind", source: "/etc", options: ["bind", "idmap"] });
  });
  assert.equal(stdout, "0:0\n", stderr);
});

test("a new user namespace goes with a network namespace that is joined, whosever that is", {
  skip: notFor({ runc: "mounts no sysfs then" }),
}, async () => {
  await using other = await unshared("--net");
  using bundle = new Bundle();
  const { stdout, stderr } = bundle.sh("readlink /proc/self/ns/net; ls -d /sys/kernel", (config) => {
    mapped(config);
    join(config, "network", other);
    config.mounts.push({ destination: "/sys", type: "sysfs", source: "sysfs", options: ["ro"] });
  });
  assert.equal(stdout, `${readlinkSync(pathOf(other.pid, "network"))}\n/sys/kernel\n`, stderr);
});

const devices = {
  runc: { before: "1.4", why: "has no network devices" },
  crun: "has no network devices",
};

test("a network device moves into the container, gets its new name, keeps its addresses and is up", {
  skip: notFor(devices),
}, () => {
  const name = `brig${process.pid % 10000}x1`;
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
  skip: notFor({ ...devices, runc: { before: "1.5", why: "passes over one that is not there" } }),
}, () => {
  const name = `brig${process.pid % 10000}x2`;
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

test("a network device whose name is taken in the container is an error", { skip: notFor(devices) }, () => {
  const name = `brig${process.pid % 10000}x3`;
  using _device = veth(name);
  using bundle = new Bundle();
  const taken = ({ linux }: Draft) => void (linux.netDevices = { [name]: { name: "lo" } });
  assert.notEqual(bundle.sh("true", taken).code, 0);
});

test("a network device with %d in its name gets a free one", {
  skip: notFor({ ...devices, runc: "looks for a device of that very name" }),
}, () => {
  const name = `brig${process.pid % 10000}x4`;
  using _device = veth(name);
  using bundle = new Bundle();
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
