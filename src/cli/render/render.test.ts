/** Lists and documents as Docker prints them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { ContainerId } from "../../base/ids.ts";
import { containerStatus } from "../../docker/container-status.ts";
import { imageRows } from "../../docker/image-rows.ts";
import { containerJson } from "../../docker/inspect/container.ts";
import { containerSummary } from "../../docker/inspect/container-summary.ts";
import { imageJson } from "../../docker/inspect/image.ts";
import type { ContainerInfo } from "../../engine/container/info.ts";
import { formatList, formatOne } from "../terminal/format.ts";
import { containerColumns, containerTable } from "./container-columns.ts";
import { imageColumns, imageTable } from "./image-columns.ts";

const hour = 3_600_000;
const now = Date.UTC(2026, 0, 2);
const id = "0123456789ab".padEnd(64, "0") as ContainerId;

const running: ContainerInfo = {
  id,
  name: "web",
  image: "nginx",
  imageId: `sha256:${"f".repeat(64)}`,
  state: "running",
  created: now - 2 * hour,
  started: now - hour,
  oom: false,
  pid: 42,
  command: ["nginx", "-g", "daemon off;"],
  hostname: "0123456789ab",
  volumes: [],
  networkFiles: {
    hosts: "/c/hosts",
    hostname: "/c/hostname",
    "resolv.conf": "/c/resolv.conf",
  } as ContainerInfo["networkFiles"],
  spec: {
    image: "nginx",
    env: ["A=1", "GONE"],
    network: { publish: ["8080:80"], expose: ["443"] },
    mounts: [{ kind: "tmpfs", target: "/t", readOnly: false, options: [] }],
    labels: { b: "2", a: "1" },
  },
  endpoint: {
    address: "172.30.0.2/16",
    mac: "02:42:ac:1e:00:02",
    host: { name: "veth0", index: 1 },
    container: { name: "eth0", index: 100 },
    defaultRoute: true,
    ports: [{ protocol: "tcp", hostIp: "0.0.0.0", hostPort: 8080, containerPort: 80 }],
  },
  network: { name: "bridge", id: "e".repeat(64), gateway: "172.30.0.1" },
  driver: "overlay2",
  logPath: "/c/container.log",
};

const image = {
  config: {
    Env: ["A=0", "B=2", "GONE=1"],
    Cmd: ["nginx"],
    ExposedPorts: { "80/tcp": {} as Record<string, never> },
    Labels: { c: "3" },
  },
  rootfs: { type: "layers" as const, diff_ids: [] },
};

const listed = containerSummary(running, undefined, { now });

test("a container is a line of columns", () => {
  assert.equal(
    formatList(undefined, containerColumns(false, now), containerTable, [listed]),
    `CONTAINER ID   IMAGE     COMMAND                  CREATED       STATUS             PORTS                           NAMES
0123456789ab   nginx     "nginx -g 'daemon of…"   2 hours ago   Up About an hour   443/tcp, 0.0.0.0:8080->80/tcp   web
`,
  );
});

test("nothing is shortened when the user does not want it", () => {
  const text = formatList("{{.ID}} {{.Command}}", containerColumns(true, now), [], [listed]);
  assert.equal(text, `${id} "nginx -g 'daemon off;'"\n`);
});

test("labels are in order", () => {
  assert.equal(formatList("{{.Labels}}", containerColumns(false, now), [], [listed]), "a=1,b=2\n");
});

const statuses: readonly (readonly [Partial<ContainerInfo>, string])[] = [
  [{}, "Up About an hour"],
  [{ state: "paused" }, "Up About an hour (Paused)"],
  [{ state: "created" }, "Created"],
  [{ state: "starting" }, "Created"],
  [{ state: "exited", exitCode: 137, finished: now - 3 * hour }, "Exited (137) 3 hours ago"],
  [{ state: "removing" }, "Removal In Progress"],
];

test("a state is told in Docker's words", () => {
  for (const [more, expected] of statuses)
    assert.equal(containerStatus({ ...running, ...more }, now), expected);
});

test("inspect shows a container as Docker's API does", () => {
  const shown = containerJson(running, image);
  const facts: readonly (readonly [string, string])[] = [
    ["{{.Path}} {{json .Args}}", 'nginx ["-g","daemon off;"]'],
    ["{{.State.Status}} {{.State.Running}} {{.State.Pid}}", "running true 42"],
    ["{{.State.FinishedAt}}", "0001-01-01T00:00:00Z"],
    ["{{.Created}}", "2026-01-01T22:00:00.000Z"],
    ["{{.Name}} {{.Config.Hostname}} {{.Config.Image}}", "/web 0123456789ab nginx"],
    ["{{json .Config.Env}}", '["A=1","B=2"]'],
    ["{{json .Config.Labels}}", '{"c":"3","b":"2","a":"1"}'],
    ["{{json .Config.ExposedPorts}}", '{"443/tcp":{},"80/tcp":{}}'],
    ["{{json .HostConfig.PortBindings}}", '{"80/tcp":[{"HostIp":"","HostPort":"8080"}]}'],
    ["{{json .NetworkSettings.Ports}}", '{"443/tcp":null,"80/tcp":[{"HostIp":"0.0.0.0","HostPort":"8080"}]}'],
    ["{{.NetworkSettings.IPAddress}}/{{.NetworkSettings.IPPrefixLen}}", "172.30.0.2/16"],
    ["{{.NetworkSettings.Networks.bridge.MacAddress}}", "02:42:ac:1e:00:02"],
    [
      "{{json .Mounts}}",
      '[{"Type":"tmpfs","Source":"","Destination":"/t","Mode":"","RW":true,"Propagation":""}]',
    ],
    ["{{.ResolvConfPath}}", "/c/resolv.conf"],
  ];
  for (const [template, expected] of facts) assert.equal(formatOne(template, shown), expected);
});

test("a container that has ended has no address, no ports and no process", () => {
  const shown = containerJson({ ...running, state: "exited", exitCode: 1 }, image);
  assert.equal(
    formatOne("{{.State.Pid}} {{.State.ExitCode}} .{{.NetworkSettings.IPAddress}}.", shown),
    "0 1 ..",
  );
  assert.equal(formatOne("{{json .NetworkSettings.Ports}}", shown), "{}");
});

test("an image has a line for each of its names, and one when it has none", () => {
  const images = [
    {
      Id: `sha256:${"1".repeat(64)}`,
      RepoTags: ["a:1", "x.io/b:2"],
      RepoDigests: ["x.io/b@sha256:3"],
      Created: (now - hour) / 1000,
      Size: 1_234_567,
    },
    { Id: `sha256:${"2".repeat(64)}`, RepoTags: [], RepoDigests: [], Created: 0, Size: 0 },
  ];
  assert.equal(
    formatList(
      undefined,
      imageColumns(false, now),
      imageTable,
      images.flatMap((each) => imageRows(each, each.RepoTags)),
    ),
    `REPOSITORY   TAG       IMAGE ID       CREATED             SIZE
a            1         111111111111   About an hour ago   1.23MB
x.io/b       2         111111111111   About an hour ago   1.23MB
<none>       <none>    222222222222   N/A                 0B
`,
  );
});

test("inspect shows an image as Docker's API does", () => {
  const names = ["a:1", "a:2"];
  const facts = { id: "sha256:1", names, digest: "sha256:2", config: image, size: 5, driver: "vfs" };
  const shown = imageJson(facts);
  assert.deepEqual(shown.GraphDriver, { Name: "vfs", Data: null });
  assert.deepEqual(shown.RepoTags, ["a:1", "a:2"]);
  assert.deepEqual(shown.RepoDigests, ["a@sha256:2"]);
  const unsaid = { User: "", Volumes: null, WorkingDir: "", Entrypoint: null, OnBuild: null };
  assert.deepEqual(shown.Config, { ...unsaid, ...image.config });
});
