/** What one side of the API says and the other reads: nothing is lost in between but what a test names. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ContainerId, HostPath } from "../../base/ids.ts";
import type { ContainerInfo } from "../../engine/container/info.ts";
import type { ContainerStats } from "../../engine/container/stats.ts";
import { formatJson, parseJson } from "../../spec/schema/json.ts";
import type { Schema } from "../../spec/schema/schema.ts";
import { containerJson } from "../inspect/container.ts";
import { eventJson } from "../inspect/event.ts";
import { imageJson } from "../inspect/image.ts";
import { volumeJson } from "../inspect/volume.ts";
import { figuresOf } from "../stats/figures.ts";
import { statsJson } from "../stats/stats.ts";
import { containerInfoOf } from "./container-info.ts";
import { imageDetailsOf } from "./image.ts";
import { eventOf, volumeInfoOf } from "./inventory.ts";
import { containerStatsOf } from "./stats.ts";

/** As it goes through the wire. */
function read<T>(schema: Schema<T>, document: unknown): T {
  return parseJson(schema, formatJson(document), "answer", 1 << 20);
}

/** Maps of parsed documents have no prototype. */
const plain = (value: unknown): unknown => JSON.parse(formatJson(value));

const base: ContainerInfo = {
  id: "0123456789ab".padEnd(64, "0") as ContainerId,
  name: "web",
  image: "nginx",
  imageId: `sha256:${"f".repeat(64)}`,
  state: "running",
  created: Date.UTC(2026, 0, 2),
  started: Date.UTC(2026, 0, 2, 1),
  oom: false,
  pid: 42,
  driver: "overlay2",
  command: ["nginx", "-g", "daemon off;"],
  hostname: "h",
  networkFiles: {
    hosts: "/c/hosts" as HostPath,
    hostname: "/c/hostname" as HostPath,
    "resolv.conf": "/c/resolv.conf" as HostPath,
  },
  volumes: [],
  logPath: "/c/container.log",
  // What an engine fills in is said here, too, so that it is the same on the way back.
  network: { name: "bridge", id: "n" },
  spec: {
    image: "nginx",
    name: "web",
    attach: { stdin: false, stdout: true, stderr: true },
    command: ["-g", "daemon off;"],
    hostname: "h",
    logging: { driver: "json-file" },
    namespaces: { cgroup: { kind: "private" }, ipc: { kind: "private" } },
    network: { mode: "bridge" },
    runtime: "brig",
    shmSize: 64 << 20,
  },
};

const endpoint: ContainerInfo["endpoint"] = {
  address: "172.30.0.2/16",
  address6: "fd00::2/64",
  mac: "02:42:ac:1e:00:02",
  host: { name: "", index: 0 },
  container: { name: "", index: 0 },
  defaultRoute: true,
  ports: [
    { protocol: "tcp", hostIp: "127.0.0.1", hostPort: 8080, containerPort: 80 },
    { protocol: "udp", hostIp: "0.0.0.0", hostPort: 53, containerPort: 53 },
  ],
};

const network = { name: "bridge", id: "n", gateway: "172.30.0.1", gateway6: "fd00::1" };

/** One that never ran has not been in it. */
const fresh = { network: { name: "bridge", id: "" }, started: undefined as never, pid: undefined as never };

const containers: Readonly<Record<string, Partial<ContainerInfo>>> = {
  "that runs": { endpoint, network },
  "that is paused": { state: "paused", endpoint, network },
  "that was made": { state: "created", ...fresh },
  "that has ended": {
    state: "exited",
    exitCode: 137,
    oom: true,
    finished: base.created + 7_200_000,
    pid: undefined as never,
  },
  "that could not be started": { state: "created", error: "no such file", ...fresh },
  "with volumes": {
    volumes: [{ name: "v", target: "/data", path: "/volumes/v" }],
    spec: {
      ...base.spec,
      mounts: [
        {
          kind: "volume",
          name: "v",
          target: "/data",
          readOnly: true,
          noCopy: false,
          driverOptions: {},
          labels: {},
        },
        {
          kind: "bind",
          source: "/a",
          target: "/b",
          readOnly: false,
          recursive: "disabled",
          createSource: false,
        },
        { kind: "tmpfs", target: "/t", readOnly: false, options: ["size=1m"] },
      ],
    },
  },
  "with a user namespace": {
    ids: { first: 0x70000000, size: 65_536 },
    spec: { ...base.spec, namespaces: { ...base.spec.namespaces, user: { kind: "private" } } },
  },
  "with a domain": { domainname: "d", spec: { ...base.spec, domainname: "d" } },
};

for (const [what, more] of Object.entries(containers))
  test(`a container ${what} is told whole`, () => {
    const container = { ...base, ...more } as ContainerInfo;
    const { spec, ...rest } = read(containerInfoOf, containerJson(container, undefined));
    const { spec: asked, ...told } = container;
    assert.deepEqual(plain(rest), plain(told));
    assert.deepEqual(plain({ ...spec, resources: undefined }), plain({ ...asked, resources: undefined }));
  });

test("what is no container is refused by name", () => {
  for (const bad of [null, [], {}, { Id: 7 }, { ...containerJson(base, undefined), State: "up" }])
    assert.throws(() => containerInfoOf(bad, "the answer of x:"), /the answer of x/);
});

test("an image is told whole, but for its history", () => {
  const details = {
    id: "sha256:1",
    names: ["a:1", "b:2"],
    digest: `sha256:${"2".repeat(64)}`,
    config: {
      created: "2026-01-02T00:00:00Z",
      author: "me",
      architecture: "amd64",
      os: "linux",
      config: { Cmd: ["sh"], Env: ["A=b"], Labels: { c: "d" }, ExposedPorts: { "80/tcp": {} } },
      rootfs: { type: "layers" as const, diff_ids: [`sha256:${"3".repeat(64)}` as never] },
    },
    size: 5,
    driver: "overlay2" as const,
  };
  assert.deepEqual(plain(read(imageDetailsOf, imageJson(details as never))), plain(details));
});

test("a volume and an event are told whole", () => {
  const volume = {
    name: "v",
    created: base.created,
    labels: { a: "b" },
    options: { type: "tmpfs" },
    mountPoint: "/v" as HostPath,
  };
  assert.deepEqual(plain(read(volumeInfoOf, volumeJson(volume))), plain(volume));
  const event = {
    id: 3,
    time: base.created + 7,
    type: "container",
    action: "die",
    subject: base.id,
    attributes: { exitCode: "1" },
  };
  assert.deepEqual(plain(read((value, at) => eventOf(value, at, 3), eventJson(event))), plain(event));
});

const traffic = {
  rx_bytes: 1,
  rx_packets: 2,
  rx_errors: 0,
  rx_dropped: 0,
  tx_bytes: 3,
  tx_packets: 4,
  tx_errors: 0,
  tx_dropped: 0,
};

function measured(spent: number, passed: number): ContainerStats {
  const none = { limit: 0, failcnt: 0 };
  return {
    id: base.id,
    name: base.name,
    time: base.created,
    usage: {
      cgroup: {
        cpu: {
          usage: { total: spent, kernel: 1, user: 2 },
          throttling: { periods: 1, throttledPeriods: 2, throttledTime: 3 },
        },
        cpuset: {} as never,
        memory: {
          usage: { limit: 1 << 26, usage: 9_000_000, failcnt: 0 },
          swap: none,
          kernel: none,
          kernelTCP: none,
          raw: { total_inactive_file: 1_000_000 },
        },
        pids: { current: 7, limit: 50 },
        blkio: {
          ioServiceBytesRecursive: [
            { major: 8, minor: 0, op: "Read", value: 5 },
            { major: 8, minor: 0, op: "write", value: 6 },
          ],
        },
        hugetlb: {},
      },
      host: { total: passed, online: 2 },
      networks: { eth0: traffic },
    },
  };
}

test("the figures of a measurement are the same on both sides", () => {
  const [before, now] = [measured(1000, 10_000), measured(3000, 20_000)];
  const far = [before, now].map((each) => read(containerStatsOf, statsJson(each, undefined, 1 << 30)));
  assert.deepEqual(figuresOf(far[1]!, far[0], 1 << 30), figuresOf(now, before, 1 << 30));
  const idle = { id: base.id, name: base.name, time: base.created };
  assert.equal(read(containerStatsOf, statsJson(idle, undefined, 1)).usage, undefined);
});
