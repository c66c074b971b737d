import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { BrigError } from "../../base/errors.ts";
import { parseRuntimeConfig } from "./config.ts";
import { parseProcess } from "./process.ts";
import { processToStart } from "./process-to-start.ts";
import { parseResources } from "./resources.ts";
import { validateProcess, validateResources, validateRuntimeConfig } from "./validate.ts";

/** A config with one thing changed: a section of `linux` or `process`, or a top field. */
interface Change {
  readonly top?: object;
  readonly process?: object;
  readonly linux?: object;
}

const namespaces = ["pid", "network", "mount", "ipc", "uts"].map((type) => ({ type }));
const without = (type: string) => namespaces.filter((namespace) => namespace.type !== type);
const mapping = { containerID: 0, hostID: 100000, size: 65536 };
const user = { type: "user" };
const time = { type: "time" };
const hook = { path: "/bin/hook" };
const rlimit = { type: "RLIMIT_NOFILE", soft: 1024, hard: 1024 };

function config(change: Change) {
  const base = {
    ociVersion: "1.3.0",
    root: { path: "rootfs" },
    process: { user: { uid: 0, gid: 0 }, cwd: "/", args: ["sh"], ...change.process },
    linux: { namespaces, ...change.linux },
    ...change.top,
  };
  return parseRuntimeConfig(JSON.stringify(base));
}

// biome-ignore format: one row, one rule
const refused: readonly (readonly [what: string, change: Change, message: string])[] = [
  ["a config without ociVersion", { top: { ociVersion: null } }, "ociVersion: is required"],
  ["an ociVersion that is not a semantic version", { top: { ociVersion: "1.0" } }, "ociVersion: must be a semantic"],
  ["a config without a root", { top: { root: null } }, "root: is required (config.md#root)"],
  ["an empty root path", { top: { root: { path: "" } } }, "root.path: must not be empty"],
  ["an annotation with an empty key", { top: { annotations: { "": "x" } } }, "annotations: must not have an empty"],
  ["a hostname without a uts namespace", { top: { hostname: "a" }, linux: { namespaces: without("uts") } }, "hostname: needs a uts namespace"],
  ["a domainname without a uts namespace", { top: { domainname: "a" }, linux: { namespaces: without("uts") } }, "domainname: needs a uts namespace"],

  ["a relative working directory", { process: { cwd: "tmp" } }, 'process.cwd: must be an absolute path, not "tmp"'],
  ["a process without arguments", { process: { args: [] } }, "process.args: must have at least one entry"],
  ["an argument with a NUL byte", { process: { args: ["a\0b"] } }, "process.args[0]: must not contain a NUL byte"],
  ["the uid that means no change", { process: { user: { uid: 4294967295, gid: 0 } } }, "process.user.uid: must be below 4294967295"],
  ["a supplementary gid that means no change", { process: { user: { uid: 0, gid: 0, additionalGids: [1, 4294967295] } } }, "process.user.additionalGids[1]: must be below"],
  ["an unknown rlimit", { process: { rlimits: [{ ...rlimit, type: "RLIMIT_FOO" }] } }, "process.rlimits[0].type: must be one of"],
  ["an rlimit that is given twice", { process: { rlimits: [rlimit, rlimit] } }, "process.rlimits[1].type: RLIMIT_NOFILE is given twice"],
  ["a soft limit above the hard one", { process: { rlimits: [{ ...rlimit, soft: 1025 }] } }, "process.rlimits[0]: soft must not be above hard"],
  ["a terminal larger than the kernel's winsize", { process: { terminal: true, consoleSize: { height: 65536, width: 80 } } }, "process.consoleSize.height: must be at most 65535"],
  ["an unknown scheduling policy", { process: { scheduler: { policy: "SCHED_FAIR" } } }, "process.scheduler.policy: must be one of SCHED_OTHER"],
  ["an unknown scheduling flag", { process: { scheduler: { policy: "SCHED_OTHER", flags: ["X"] } } }, "process.scheduler.flags[0]: must be one of"],
  ["a nice value out of range", { process: { scheduler: { policy: "SCHED_BATCH", nice: 20 } } }, "process.scheduler.nice: must be from -20 to 19"],
  ["a real-time priority for a policy without one", { process: { scheduler: { policy: "SCHED_OTHER", priority: 1 } } }, "process.scheduler.priority: must be 0 or absent"],
  ["a real-time policy without a priority", { process: { scheduler: { policy: "SCHED_FIFO" } } }, "process.scheduler.priority: must be from 1 to 99"],
  ["deadline times for another policy", { process: { scheduler: { policy: "SCHED_RR", priority: 1, period: 5 } } }, "process.scheduler.period: is only for SCHED_DEADLINE"],
  ["deadline times out of order", { process: { scheduler: { policy: "SCHED_DEADLINE", runtime: 3, deadline: 2, period: 4 } } }, "runtime <= deadline <= period"],
  ["an unknown I/O class", { process: { ioPriority: { class: "IOPRIO_CLASS_X", priority: 1 } } }, "process.ioPriority.class: must be one of"],
  ["an I/O priority out of range", { process: { ioPriority: { class: "IOPRIO_CLASS_BE", priority: 8 } } }, "process.ioPriority.priority: must be from 0 to 7"],
  ["an oom score out of range", { process: { oomScoreAdj: 1001 } }, "process.oomScoreAdj: must be from -1000 to 1000"],
  ["a CPU list that is none", { process: { execCPUAffinity: { initial: "3-1" } } }, "process.execCPUAffinity.initial: must be a list of numbers"],

  ["a hook with a relative path", { top: { hooks: { poststop: [hook, { path: "hook" }] } } }, "hooks.poststop[1].path: must be an absolute path"],
  ["a hook timeout of zero", { top: { hooks: { prestart: [{ ...hook, timeout: 0 }] } } }, "hooks.prestart[0].timeout: must be greater than zero"],

  ["a mount without a destination", { top: { mounts: [{ source: "x" }] } }, "mounts[0].destination: is required"],
  ["a bind mount without a source", { top: { mounts: [{ destination: "/a", options: ["rbind"] }] } }, "mounts[0].source: is required for a bind mount"],
  ["a mount with only uid mappings", { top: { mounts: [{ destination: "/a", options: ["idmap"], uidMappings: [mapping] }] } }, "mounts[0]: uidMappings and gidMappings must be given together"],
  ["an idmap option with nothing to map by", { top: { mounts: [{ destination: "/a", options: ["ridmap"] }] } }, "mounts[0].options: idmap needs uidMappings"],
  ["a relative masked path", { linux: { namespaces, maskedPaths: ["proc"] } }, "linux.maskedPaths[0]: must be an absolute path"],
  ["masked paths without a mount namespace", { linux: { namespaces: without("mount"), maskedPaths: ["/a"] } }, "linux.maskedPaths: needs a mount namespace"],
  ["a relative read-only path", { linux: { namespaces, readonlyPaths: ["proc"] } }, "linux.readonlyPaths[0]: must be an absolute path"],
  ["read-only paths without a mount namespace", { linux: { namespaces: without("mount"), readonlyPaths: ["/a"] } }, "linux.readonlyPaths: needs a mount namespace"],

  ["an unknown namespace", { linux: { namespaces: [{ type: "net" }] } }, "linux.namespaces[0].type: must be one of pid, network"],
  ["a namespace that is given twice", { linux: { namespaces: [...namespaces, { type: "pid" }] } }, "linux.namespaces[5].type: pid is given twice"],
  ["a namespace with a relative path", { linux: { namespaces: [{ type: "pid", path: "ns/pid" }] } }, "linux.namespaces[0].path: must be an absolute path"],
  ["id mappings without a user namespace", { linux: { namespaces, uidMappings: [mapping] } }, "linux.uidMappings: needs a user namespace"],
  ["a new user namespace without mappings", { linux: { namespaces: [user] } }, "linux.uidMappings: and gidMappings are required"],
  ["a mapping of no ids", { linux: { namespaces: [user], uidMappings: [{ ...mapping, size: 0 }], gidMappings: [mapping] } }, "linux.uidMappings[0].size: must be greater than zero"],
  ["a mapping beyond the last id", { linux: { namespaces: [user], uidMappings: [mapping], gidMappings: [{ ...mapping, size: 4294967295 }] } }, "linux.gidMappings[0]: must end below"],
  ["time offsets without a time namespace", { linux: { namespaces, timeOffsets: { monotonic: { secs: 1 } } } }, "linux.timeOffsets: needs a time namespace"],
  ["time offsets for a joined time namespace", { linux: { namespaces: [{ ...time, path: "/ns" }], timeOffsets: { monotonic: { secs: 1 } } } }, "linux.timeOffsets: cannot change the clocks"],
  ["an unknown clock", { linux: { namespaces: [time], timeOffsets: { realtime: { secs: 1 } } } }, 'linux.timeOffsets: has no clock "realtime"'],
  ["a second of nanoseconds", { linux: { namespaces: [time], timeOffsets: { boottime: { nanosecs: 1e9 } } } }, "linux.timeOffsets.boottime.nanosecs: must be below"],
  ["network devices without a network namespace", { linux: { namespaces: without("network"), netDevices: { eth0: {} } } }, "linux.netDevices: needs a network namespace"],
  ["a network device with an impossible name", { linux: { namespaces, netDevices: { eth0: { name: "a/b" } } } }, 'linux.netDevices: "a/b" cannot be the name'],

  ["a sysctl of the host", { linux: { namespaces, sysctl: { "kernel.panic": "1" } } }, '"kernel.panic" belongs to no namespace'],
  ["a network sysctl without a network namespace", { linux: { namespaces: without("network"), sysctl: { "net.core.somaxconn": "1" } } }, '"net.core.somaxconn" needs a network namespace'],
  ["an ipc sysctl without an ipc namespace", { linux: { namespaces: without("ipc"), sysctl: { "kernel.sem": "1" } } }, '"kernel.sem" needs a ipc namespace'],
  ["a message queue sysctl without an ipc namespace", { linux: { namespaces: without("ipc"), sysctl: { "fs/mqueue/msg_max": "1" } } }, "needs a ipc namespace"],
  ["a domain name sysctl without a uts namespace", { linux: { namespaces: without("uts"), sysctl: { "kernel.domainname": "a" } } }, "needs a uts namespace"],
  ["the host name as a sysctl", { linux: { namespaces, sysctl: { "kernel.hostname": "a" } } }, "kernel.hostname conflicts with the field hostname"],
  ["a sysctl that climbs out of its namespace", { linux: { namespaces, sysctl: { "net/../kernel/core_pattern": "|/x" } } }, "is not the name of a kernel parameter"],

  ["an unknown device type", { linux: { namespaces, devices: [{ path: "/dev/x", type: "a" }] } }, "linux.devices[0].type: must be one of b, c, u, p"],
  ["a device with a relative path", { linux: { namespaces, devices: [{ path: "dev/x", type: "p" }] } }, "linux.devices[0].path: must be an absolute path"],
  ["a device without a number", { linux: { namespaces, devices: [{ path: "/dev/x", type: "c", major: 1 }] } }, "linux.devices[0].minor: is required for type c"],
  ["a device with a negative number", { linux: { namespaces, devices: [{ path: "/dev/x", type: "b", major: -1, minor: 1 }] } }, "linux.devices[0].major: must not be negative"],

  ["a cgroup path that climbs", { linux: { namespaces, cgroupsPath: "/a/../../b" } }, "linux.cgroupsPath: must not contain .."],
  ["an unknown device access", { linux: { namespaces, resources: { devices: [{ allow: true, access: "rx" }] } } }, "linux.resources.devices[0].access: must be of r, w and m"],
  ["a device rule without allow", { linux: { namespaces, resources: { devices: [{}] } } }, "linux.resources.devices[0].allow: is required"],
  ["a memory limit below -1", { linux: { namespaces, resources: { memory: { limit: -2 } } } }, "linux.resources.memory.limit: must be at least -1"],
  ["memory and swap below memory", { linux: { namespaces, resources: { memory: { limit: 20, swap: 10 } } } }, "linux.resources.memory.swap: counts memory and swap together"],
  ["a swappiness above 100", { linux: { namespaces, resources: { memory: { swappiness: 101 } } } }, "linux.resources.memory.swappiness: must be from 0 to 100"],
  ["a CPU burst above the quota", { linux: { namespaces, resources: { cpu: { quota: 1, burst: 2 } } } }, "linux.resources.cpu.burst: must not be larger than quota"],
  ["a process limit below -1", { linux: { namespaces, resources: { pids: { limit: -2 } } } }, "linux.resources.pids.limit: must be at least -1"],
  ["a device weight without a weight", { linux: { namespaces, resources: { blockIO: { weightDevice: [{ major: 8, minor: 0 }] } } } }, "linux.resources.blockIO.weightDevice[0]: must have weight or leafWeight"],
  ["a huge page size that is none", { linux: { namespaces, resources: { hugepageLimits: [{ pageSize: "2M/", limit: 1 }] } } }, "linux.resources.hugepageLimits[0].pageSize: must be a size"],
  ["an rdma entry without a limit", { linux: { namespaces, resources: { rdma: { mlx5: {} } } } }, '"mlx5" must have hcaHandles or hcaObjects'],
  ["a unified entry that is a path", { linux: { namespaces, resources: { unified: { "../memory.max": "1" } } } }, "is not a file name of the form controller.parameter"],

  ["an unknown root propagation", { linux: { namespaces, rootfsPropagation: "public" } }, "linux.rootfsPropagation: must be one of shared"],
  ["an unknown personality", { linux: { namespaces, personality: { domain: "BSD" } } }, "linux.personality.domain: must be one of LINUX, LINUX32"],
  ["an unknown memory policy", { linux: { namespaces, memoryPolicy: { mode: "MPOL_X" } } }, "linux.memoryPolicy.mode: must be one of"],
  ["a memory policy that lacks its nodes", { linux: { namespaces, memoryPolicy: { mode: "MPOL_BIND" } } }, "linux.memoryPolicy.nodes: is required for MPOL_BIND"],
  ["a memory policy with nodes it does not take", { linux: { namespaces, memoryPolicy: { mode: "MPOL_LOCAL", nodes: "0" } } }, "linux.memoryPolicy.nodes: must be absent"],
  ["a seccomp rule without a name", { linux: { namespaces, seccomp: { defaultAction: "SCMP_ACT_ALLOW", syscalls: [{ names: [], action: "SCMP_ACT_ERRNO" }] } } }, "linux.seccomp.syscalls[0].names: must have at least one entry"],
  ["seccomp listener metadata without a listener", { linux: { namespaces, seccomp: { defaultAction: "SCMP_ACT_ALLOW", listenerMetadata: "x" } } }, "linux.seccomp.listenerMetadata: needs listenerPath"],
];

describe("a runtime config", () => {
  for (const [what, change, message] of refused) {
    test(`refuses ${what}`, () => {
      assert.throws(() => validateRuntimeConfig(config(change)), hasMessage("invalid", message));
    });
  }

  // biome-ignore format: one row, one rule
  const unsupported: readonly (readonly [what: string, change: Change, message: string])[] = [
    ["another major version of the spec", { top: { ociVersion: "2.0.0" } }, "ociVersion: must be 1.x"],
    ["intelRdt", { linux: { namespaces, intelRdt: { closID: "a" } } }, "linux.intelRdt: is not supported"],
    ["personality flags", { linux: { namespaces, personality: { domain: "LINUX", flags: ["X"] } } }, "linux.personality.flags: must be empty"],
    ["SCHED_ISO, which Linux lacks", { process: { scheduler: { policy: "SCHED_ISO" } } }, "process.scheduler.policy: SCHED_ISO"],
  ];
  for (const [what, change, message] of unsupported) {
    test(`says that ${what} is not supported`, () => {
      assert.throws(() => validateRuntimeConfig(config(change)), hasMessage("unsupported", message));
    });
  }

  // biome-ignore format: one row, one rule
  const warned: readonly (readonly [what: string, change: Change, message: string])[] = [
    ["a later minor version of the spec", { top: { ociVersion: "1.9.0" } }, "ociVersion: 1.9.0 is later than 1.3"],
    ["a relative mount destination", { top: { mounts: [{ destination: "data", type: "tmpfs" }] } }, 'mounts[0].destination: "data" is relative'],
    ["mount mappings without an idmap option", { top: { mounts: [{ destination: "/a", uidMappings: [mapping], gidMappings: [mapping] }] } }, "mounts[0].options: should have idmap or ridmap"],
    ["an environment entry without a name", { process: { env: ["A=1", "=x"] } }, 'process.env[1]: "=x" is not of the form NAME=value'],
    ["mappings that a joined user namespace overrules", { linux: { namespaces: [{ type: "user", path: "/ns" }], uidMappings: [mapping], gidMappings: [mapping] } }, "linux.uidMappings: is ignored"],
    ["a device that is listed twice", { linux: { namespaces, devices: ["/dev/a", "/dev/b"].map((path) => ({ path, type: "c", major: 1, minor: 3 })) } }, "linux.devices[1]: should not repeat"],
  ];
  for (const [what, change, message] of warned) {
    test(`warns about ${what} and goes on`, () => {
      const [warning] = validateRuntimeConfig(config(change));
      assert.ok(warning?.includes(message), `${warning} lacks ${message}`);
    });
  }

  // biome-ignore format: one row, one rule
  const accepted: readonly (readonly [what: string, change: Change])[] = [
    ["a pre-release of version 1", { top: { ociVersion: "1.0.2-dev" } }],
    ["a container without a process", { top: { process: null } }],
    ["any terminal size when there is no terminal", { process: { consoleSize: { height: 70000, width: 1 } } }],
    ["a fifo without numbers", { linux: { namespaces, devices: [{ path: "/run/fifo", type: "p" }] } }],
    ["-1 for all devices of a rule", { linux: { namespaces, resources: { devices: [{ allow: false, type: "c", major: 1, minor: -1 }] } } }],
    ["a limit of zero processes", { linux: { namespaces, resources: { pids: { limit: 0 } } } }],
    ["a network sysctl with slashes", { linux: { namespaces, sysctl: { "net/ipv4/conf/eth0.1/forwarding": "1" } } }],
    ["an interface name that the kernel completes", { linux: { namespaces, netDevices: { eth0: { name: "net%d" } } } }],
    ["an idmap by the container's own mapping", { top: { mounts: [{ destination: "/a", options: ["idmap"] }] }, linux: { namespaces: [user], uidMappings: [mapping], gidMappings: [mapping] } }],
    ["the identity mapping of all ids", { linux: { namespaces: [user], uidMappings: [{ containerID: 0, hostID: 0, size: 4294967295 }], gidMappings: [mapping] } }],
    ["an empty config for a shared host", { linux: { namespaces: [] } }],
  ];
  for (const [what, change] of accepted) {
    test(`accepts ${what}`, () => assert.deepEqual(validateRuntimeConfig(config(change)), []));
  }

  test("names everything that is wrong at once", () => {
    const wrong = config({
      process: { cwd: "tmp", args: [] },
      linux: { namespaces: [{ type: "pid", path: "x" }] },
    });
    for (const part of ["process.cwd", "process.args", "linux.namespaces[0].path"]) {
      assert.throws(() => validateRuntimeConfig(wrong, "bundle.json"), hasMessage("invalid", part));
    }
  });

  test("with a thousand mistakes gives a message that can be read", () => {
    const wrong = config({ linux: { namespaces, maskedPaths: Array(1000).fill("relative") } });
    assert.throws(() => validateRuntimeConfig(wrong), hasMessage("invalid", "; and 990 more"));
  });

  test("is needed in full to start a container", () => {
    assert.throws(
      () => processToStart(config({ top: { process: null } })),
      hasMessage("invalid", "process: is required to start"),
    );
    assert.deepEqual(processToStart(config({})).args, ["sh"]);
  });
});

test("the process of an exec is refused for the same reasons as that of a container", () => {
  const process = parseProcess('{"cwd":"tmp","args":["a"]}');
  assert.throws(
    () => validateProcess(process),
    hasMessage("invalid", "process.json: cwd: must be an absolute path"),
  );
});

test("the resources of an update are refused for the same reasons as those of a container", () => {
  const resources = parseResources('{"cpu":{"quota":1,"burst":2}}');
  assert.throws(
    () => validateResources(resources),
    hasMessage("invalid", "resources: cpu.burst: must not be larger"),
  );
});

function hasMessage(kind: string, part: string) {
  return (error: unknown) => {
    assert.ok(error instanceof BrigError, String(error));
    assert.ok(error.message.includes(part), `${error.message} lacks ${part}`);
    assert.equal(error.kind, kind);
    return true;
  };
}
