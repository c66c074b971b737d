/** Sockets of the service: their modes and groups, those that systemd hands over, and those that only show. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { linkSync, readdirSync, readlinkSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { image, until } from "../cli/brig.ts";
import { ask, ownService } from "./own-service.ts";

const own = ownService();
const { request, brig, root } = own;
const [state, logs, open] = ["state.sock", "logs.sock", "open.sock"].map((name) => join(root, name)) as [
  string,
  string,
  string,
];

before(async () => {
  const first = await brig("run", "--rm", image, "true");
  assert.equal(first.code, 0, first.stderr);
  await own.startService(
    ...["-H", `unix://${state}?readonly&mode=0666`],
    ...["-H", `unix://${logs}?readonly=logs&group=daemon`],
    ...["-H", `unix://${open}?group=1&mode=660`],
  );
  const options = ["-e", "PASSWORD=hunter2", "--health-cmd", "true"];
  await brig(
    "volume",
    "create",
    "-o",
    "o=password=hunter2",
    "-o",
    "type=tmpfs",
    "-o",
    "device=tmpfs",
    "data",
  );
  const ran = await brig(
    "run",
    "-d",
    "--name",
    "shown",
    ...options,
    image,
    "sh",
    "-c",
    "echo secret; sleep 1000",
  );
  assert.equal(ran.code, 0, ran.stderr);
});
after(async () => {
  await own.stopService();
  own.end();
});

test("a socket has the mode and the group that were asked for", () => {
  const seen = [own.socket, state, logs, open].map((path) => {
    const { mode, gid } = statSync(path);
    return `${(mode & 0o777).toString(8)} ${gid}`;
  });
  assert.deepEqual(seen, ["600 0", "666 0", "660 1", "660 1"]);
});

/** What a dashboard asks for. */
const told: readonly string[] = [
  "/_ping",
  "/version",
  "/info",
  "/v1.41/containers/json?all=1&size=1",
  "/containers/shown/json?size=1",
  "/containers/shown/stats?stream=0&one-shot=1",
  "/images/json",
  `/images/${image}/json`,
  "/volumes",
  "/volumes/data",
  "/networks",
  "/networks/bridge",
  "/openapi.json",
  `/events?since=0&until=${Date.now() / 1000}`,
];

test("a read-only socket tells how everything is, and no secret", async () => {
  for (const path of told) {
    const { status, body } = await ask(state, "GET", path);
    assert.equal(status, 200, `${path}: ${body}`);
    assert.ok(!body.includes("hunter2"), path);
  }
  const shown = (await ask(state, "GET", "/containers/shown/json")).json<{ Config: { Env: string[] } }>();
  assert.ok(shown.Config.Env.includes("PASSWORD=***"));
  const full = await request("GET", "/containers/shown/json");
  assert.ok(full.body.includes("PASSWORD=hunter2"));
});

/** What changes something, or tells what only root may know. */
const refused: readonly (readonly [method: string, path: string])[] = [
  ["POST", "/containers/create"],
  ["POST", "/containers/shown/stop"],
  ["POST", "/containers/shown/attach?stream=1&stdout=1"],
  ["GET", "/containers/shown/attach/ws?stream=1&stdout=1"],
  ["POST", "/containers/shown/exec"],
  ["POST", "/containers/shown/wait"],
  ["DELETE", "/containers/shown"],
  ["GET", "/containers/shown/export"],
  ["GET", "/containers/shown/archive?path=/"],
  ["HEAD", "/containers/shown/archive?path=/"],
  ["GET", "/containers/shown/top?ps_args=axe"],
  ["GET", "/containers/shown/changes"],
  ["GET", `/images/${image}/get`],
  ["GET", `/images/get?names=${image}`],
  ["GET", `/images/${image}/history`],
  ["POST", "/images/load"],
  ["POST", "/volumes/create"],
  ["POST", "/auth"],
];

test("a read-only socket refuses the rest in Docker's shape", async () => {
  for (const socket of [state, logs])
    for (const [method, path] of refused) {
      const { status, body, json } = await ask(socket, method, path, method === "POST" ? {} : undefined);
      assert.equal(status, 403, `${method} ${path}: ${body}`);
      if (method !== "HEAD") assert.match(json<{ message: string }>().message, /this socket is read-only$/);
    }
  assert.equal((await ask(state, "GET", "/containers/shown/logs?stdout=1")).status, 403);
  assert.match((await ask(logs, "GET", "/containers/shown/logs?stdout=1")).body, /secret\n$/);
});

test("the sockets that systemd hands over are taken, all of them, and no container has them", async () => {
  const paths = ["one.sock", "two.sock"].map((name) => join(root, name));
  const servers = await Promise.all(
    paths.map(async (path) => {
      const server = createServer().listen(`${path}.made`);
      await once(server, "listening");
      // Its closing here takes the name away that it was made by.
      linkSync(`${path}.made`, path);
      return server;
    }),
  );
  const fds = servers.map((server) => (server as unknown as { _handle: { fd: number } })._handle.fd);
  const script = `LISTEN_FDS=2 LISTEN_PID=$$ LISTEN_FDNAMES=a:b exec ${own.executable} service -H fd://`;
  const service = spawn("sh", ["-c", script], {
    env: own.environment,
    stdio: ["ignore", "ignore", "inherit", ...fds],
  });
  for (const server of servers) server.close();
  for (const path of paths) {
    await until(async () => (await ask(path, "GET", "/_ping").catch(() => undefined))?.status === 200, path);
  }
  const { Id: id } = (
    await ask(paths[0]!, "POST", "/containers/create", { Image: image, Cmd: ["sleep", "100"] })
  ).json<{ Id: string }>();
  assert.equal((await ask(paths[1]!, "POST", `/containers/${id}/start`)).status, 204);
  const inherited = readlinkSync(`/proc/${service.pid}/fd/3`);
  assert.match(inherited, /^socket:/);
  const holders = readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== service.pid && Number(pid) !== process.pid)
    .filter((pid) => linksOf(pid).includes(inherited));
  assert.deepEqual(holders, []);
  assert.equal((await ask(paths[0]!, "DELETE", `/containers/${id}?force=1`)).status, 204);
  service.kill();
  await once(service, "exit");
});

function linksOf(pid: string): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
  } catch {
    return []; // it has ended meanwhile
  }
}
