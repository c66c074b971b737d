/**
 * No request makes the service read a file of the host that it does not name as one: a path may be written wherever a text
 * is, and is nothing but a text there. What the service and its children open is seen by strace.
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { image, until } from "../cli/brig.ts";
import { ownService } from "./own-service.ts";

const own = ownService();
const { request, root, service } = own;
const folder = join(root, "only-root");
const path = join(folder, "secret");
const marker = "the-content-of-the-secret";
const trace = join(root, "trace");
const climbing = `../../../../../../../..${path}`;
/** Ways to write a path in the hope that somebody reads it. */
const spellings = [path, `@${path}`, `file://${path}`, climbing];

before(async () => {
  mkdirSync(folder);
  writeFileSync(path, marker);
  await own.startService();
  const first = await own.brig("run", "-d", "--name", "victim", image, "sleep", "1000");
  assert.equal(first.code, 0, first.stderr);
});
after(async () => {
  await own.stopService();
  own.end();
});

/** Everything of a container that is a text and no path of the host's. */
const bodies = (text: string): readonly object[] => [
  { Image: text },
  ...[
    { Hostname: text },
    { Domainname: text },
    { User: text },
    { User: `${text}:${text}` },
    { Env: [text, `A=${text}`] },
    { Cmd: [text] },
    { Entrypoint: text },
    { Labels: { [text]: text } },
    { WorkingDir: text },
    { StopSignal: text },
    { Healthcheck: { Test: ["CMD", text] } },
    { MacAddress: text },
    { ExposedPorts: { [text]: {} } },
    { Volumes: { [text]: {} } },
    ...[
      { SecurityOpt: [`seccomp=${text}`] },
      { SecurityOpt: [`apparmor=${text}`] },
      { SecurityOpt: [`label=${text}`, text] },
      { LogConfig: { Type: text } },
      { LogConfig: { Type: "json-file", Config: { path: text, "max-size": text } } },
      { PidMode: `container:${text}` },
      { NetworkMode: text },
      { NetworkMode: `container:${text}` },
      { NetworkMode: `ns:${text}` },
      { IpcMode: text },
      { UTSMode: text },
      { UsernsMode: text },
      { VolumesFrom: [text] },
      { ExtraHosts: [`a:${text}`] },
      { Dns: [text] },
      { GroupAdd: [text] },
      { CapAdd: [text] },
      { Sysctls: { [text]: text } },
      { Ulimits: [{ Name: text, Soft: 1, Hard: 1 }] },
      { DeviceCgroupRules: [text] },
      { RestartPolicy: { Name: text } },
      { PortBindings: { "80/tcp": [{ HostIp: text, HostPort: text }] } },
      { MaskedPaths: [text], ReadonlyPaths: [text] },
      { Mounts: [{ Type: "volume", Source: "v", Target: "/v", VolumeOptions: { Subpath: text } }] },
      { Mounts: [{ Type: "image", Source: text, Target: "/v" }] },
    ].map((HostConfig) => ({ HostConfig })),
  ].map((body) => ({ Image: image, Cmd: ["true"], ...body })),
];

/** The same beside containers. */
const others = (text: string): readonly (readonly [method: string, path: string, body?: unknown])[] => {
  const escaped = encodeURIComponent(text);
  return [
    ["GET", `/containers/${escaped}/json`],
    ["GET", `/containers/${escaped}/logs?stdout=1`],
    [
      "GET",
      `/containers/json?filters=${encodeURIComponent(JSON.stringify({ ancestor: [text], volume: [text] }))}`,
    ],
    ["GET", `/containers/victim/top?ps_args=${escaped}`],
    ["GET", `/containers/victim/logs?stdout=1&since=${escaped}`],
    ["GET", `/images/${escaped}/json`],
    ["GET", `/images/${escaped}/get`],
    ["POST", `/images/create?fromSrc=${escaped}`],
    ["POST", `/images/create?fromSrc=-&changes=${encodeURIComponent(`ENV A=${text}`)}`, text],
    ["POST", "/images/load", text],
    ["POST", `/images/${image}/tag?repo=${escaped}`],
    ["GET", `/volumes/${escaped}`],
    ["POST", "/volumes/create", { Name: text }],
    ["POST", "/volumes/create", { Name: "a", Driver: text }],
    ["DELETE", `/volumes/${escaped}`],
    ["GET", `/networks/${escaped}`],
    ["POST", `/containers/victim/rename?name=${escaped}`],
    ["POST", `/containers/victim/kill?signal=${escaped}`],
    ["POST", "/containers/victim/exec", { Cmd: ["true"], User: text, Env: [text], DetachKeys: text }],
    ["POST", "/containers/victim/update", { CpusetCpus: text, RestartPolicy: { Name: text } }],
    ["GET", `/exec/${escaped}/json`],
    ["GET", `/events?since=0&until=${escaped}`],
  ];
};

test("a path is a text wherever a text is asked for", async () => {
  const strace = spawn(
    "strace",
    ["-f", "-p", String(service().pid), "-e", "trace=open,openat,openat2", "-s", "400", "-o", trace],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  let told = "";
  strace.stderr.setEncoding("utf8").on("data", (text) => (told += text));
  await until(
    () => told.includes("attached"),
    () => told,
  );
  const answered = async (method: string, url: string, body?: unknown) => {
    const answer = await request(method, url, body);
    assert.ok(!answer.body.includes(marker), `${method} ${url} ${JSON.stringify(body)} tells the secret`);
    return answer;
  };
  for (const text of spellings) {
    for (const body of bodies(text)) {
      const made = await answered("POST", "/containers/create", body);
      if (made.status !== 201) continue;
      const { Id } = made.json<{ Id: string }>();
      await answered("POST", `/containers/${Id}/start`);
      await answered("DELETE", `/containers/${Id}?force=1&v=1`);
    }
    for (const [method, url, body] of others(text)) await answered(method, url, body);
  }
  strace.kill("SIGINT");
  await once(strace, "exit");
  const opened = readFileSync(trace, "utf8").split("\n");
  assert.ok(opened.length > 100, "strace has seen the service");
  assert.deepEqual(
    // What does not succeed is a container's own attempt, in its own root.
    opened.filter((line) => line.includes(`${path}",`) && / = \d+$/.test(line)),
    [],
  );
});
