import assert from "node:assert/strict";
import { test } from "node:test";
import type { ContainerSpec, MountSpec } from "../../engine/container/spec.ts";
import { containerBody } from "./container-body.ts";
import { containerSpecOf } from "./container-spec.ts";
import { createBody } from "./create-body.ts";

/** What another engine makes of what this one says, as it comes out of JSON. */
function told(spec: ContainerSpec, minor = 51): ContainerSpec {
  const body = containerBody(JSON.parse(JSON.stringify(createBody(spec, minor))), "body:");
  return containerSpecOf(body, spec.name);
}

/** Maps of parsed documents have no prototype. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const volume = { kind: "volume", readOnly: false, noCopy: false, driverOptions: {}, labels: {} } as const;
const bind = { kind: "bind", readOnly: false, recursive: "enabled", createSource: true } as const;
const tmpfs = { kind: "tmpfs", readOnly: false, options: [] } as const;

const mounts: readonly MountSpec[] = [
  { ...bind, source: "/a", target: "/b" },
  { ...bind, source: "/a", target: "/b", readOnly: true, propagation: "rslave", relabel: "shared" },
  { ...bind, source: "/a", target: "/b", relabel: "private", idmap: true },
  { ...bind, source: "/a", target: "/b", createSource: false },
  { ...bind, source: "/a", target: "/b", recursive: "disabled" },
  { ...bind, source: "/a", target: "/b", readOnly: true, recursive: "writable" },
  { ...bind, source: "/a", target: "/b", readOnly: true, recursive: "readonly", propagation: "rprivate" },
  { ...bind, source: "/a:b", target: "/c" },
  { ...volume, target: "/anonymous" },
  { ...volume, target: "/anonymous", readOnly: true },
  { ...volume, name: "v", target: "/b" },
  { ...volume, name: "v", target: "/b", readOnly: true, noCopy: true, relabel: "shared" },
  { ...volume, name: "v", target: "/b", labels: { a: "b" }, subpath: "x/y" },
  { ...volume, name: "v", target: "/b", driver: "local", driverOptions: { type: "tmpfs", device: "tmpfs" } },
  { ...tmpfs, target: "/t" },
  { ...tmpfs, target: "/t", readOnly: true, options: ["size=10m", "noexec"] },
  { ...tmpfs, target: "/t", size: 1024, mode: 0o1777 },
  { ...tmpfs, target: "/t", size: 1024, options: ["uid=7", "noexec"] },
  { kind: "image", image: "busybox", target: "/i" },
  { kind: "image", image: "busybox", target: "/i", subpath: "bin" },
];

for (const mount of mounts)
  test(`a mount is told whole: ${JSON.stringify(mount)}`, () => {
    assert.deepEqual(plain(told({ image: "busybox", mounts: [mount] }).mounts), plain([mount]));
  });

const rate = [{ path: "/dev/sda", rate: 1000 }];

/** Each with one thing that a user may say. */
const specs: readonly Omit<ContainerSpec, "image">[] = [
  {},
  { name: "web", command: ["sh", "-c", "a b"], entrypoint: ["/x", "y"] },
  { entrypoint: [] },
  { env: ["A=1", "B=", "C"], workingDirectory: "/w", user: "1:2", groups: ["3", "staff"] },
  { hostname: "h", domainname: "d", labels: { a: "b", c: "" } },
  { terminal: true, openStdin: true, stdinOnce: true, consoleSize: { height: 24, width: 80 } },
  { init: true, autoRemove: true },
  { attach: { stdin: true, stdout: false, stderr: true }, annotations: { a: "b" } },
  { restart: { name: "on-failure", maximumRetryCount: 3 } },
  { restart: { name: "always", maximumRetryCount: 0 } },
  { stopSignal: "SIGQUIT", stopTimeout: 3, readOnly: true },
  { stopTimeout: 0 },
  { volumesFrom: ["other:ro"], shmSize: 1 << 20 },
  { devices: [{ kind: "path", pathOnHost: "/dev/null", pathInContainer: "/dev/x", permissions: "rw" }] },
  { deviceRules: ["c 1:3 rwm"], capAdd: ["NET_ADMIN"], capDrop: ["ALL"], privileged: true },
  { security: { seccomp: { kind: "unconfined" }, apparmor: "p", noNewPrivileges: true } },
  { security: { seccomp: { kind: "profile", json: '{"defaultAction":"SCMP_ACT_ALLOW"}' } } },
  { security: { systemPathsUnconfined: true } },
  { security: { mask: ["/a", "/b"], unmask: ["ALL"] } },
  { sysctls: { "net.ipv4.ip_forward": "1" }, ulimits: [{ name: "nofile", soft: 1, hard: -1 }] },
  { oomScoreAdj: -500, logging: { driver: "local", options: { "max-size": "1m" } } },
  { logging: { options: { "max-file": "2" } } },
  { health: { Test: ["CMD-SHELL", "true"], Interval: 1_000_000_000, Retries: 3, StartInterval: 5_000_000 } },
  { runtime: "crun" },
  { resources: { memory: 1 << 26, memorySwap: -1, memoryReservation: 1 << 25, oomKillDisable: true } },
  { resources: { nanoCpus: 5e8, cpuShares: 7, cpusetCpus: "0-1", cpusetMems: "0", pidsLimit: -1 } },
  { resources: { cpuQuota: 1000, cpuPeriod: 100_000, blkioWeight: 300, cgroupParent: "/p" } },
  { resources: { blkioWeightDevice: [{ path: "/dev/sda", weight: 200 }], deviceReadBps: rate } },
  { resources: { deviceReadIops: rate, deviceWriteBps: rate, deviceWriteIops: rate } },
  { namespaces: { pid: { kind: "host" }, ipc: { kind: "shareable" }, uts: { kind: "host" } } },
  { namespaces: { pid: { kind: "container", container: "other" }, cgroup: { kind: "host" } } },
  { namespaces: { user: { kind: "private", size: 1000 }, ipc: { kind: "none" } } },
  { network: { mode: "none" } },
  { network: { mode: "container:other" } },
  {
    network: {
      publish: ["8080:80/tcp", "127.0.0.1:53:53/udp", "443/tcp"],
      publishAll: true,
      expose: ["443/tcp", "53/udp", "80/tcp"],
    },
  },
  { network: { expose: ["80/tcp", "90/udp"], address: "172.30.0.9", macAddress: "02:42:ac:1e:00:09" } },
  { network: { extraHosts: ["a:1.2.3.4"], dns: ["1.1.1.1"], dnsSearch: ["x"], dnsOptions: ["ndots:2"] } },
];

for (const spec of specs)
  test(`what is asked for is told whole: ${JSON.stringify(spec)}`, () => {
    const asked = { image: "busybox", ...spec };
    const attach = { stdin: spec.stdinOnce ?? false, stdout: true, stderr: true };
    for (const minor of [24, 41, 51])
      assert.deepEqual(plain(told(asked, minor)), plain({ attach, ...asked }));
  });

test("what is published is exposed as well, as Docker wants it", () => {
  const { ExposedPorts } = createBody({ image: "busybox", network: { publish: ["8080-8081:80-81"] } }, 41);
  assert.deepEqual(ExposedPorts, { "80/tcp": {}, "81/tcp": {} });
});

test("what was not said is left to the other engine", () => {
  const { HostConfig: host } = createBody({ image: "busybox" }, 41);
  assert.deepEqual(
    [host.CgroupnsMode, host.IpcMode, host.Runtime, host.ShmSize, host.LogConfig.Type, host.MemorySwap],
    ["", "", "", 0, "", 0],
  );
});
