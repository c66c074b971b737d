/** Programs as they are written with npm's dockerode, against brig's service: DOCKER_HOST is all that is set. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { PassThrough, Readable } from "node:stream";
import { buffer, text } from "node:stream/consumers";
import { after, before, test } from "node:test";
import Docker from "dockerode";
import { endBlocks, rawEntry, readAll } from "../../../src/image/tar/fixture.ts";
import { nginxSays, postgresSays, redisSays } from "./servers.ts";
import { serviceWithServers } from "./service.ts";

let own: Awaited<ReturnType<typeof serviceWithServers>>;
let docker: Docker;

before(async () => {
  own = await serviceWithServers();
  process.env.DOCKER_HOST = own.host;
  docker = new Docker();
});
after(async () => {
  await own?.stopService();
  own?.end();
});

/** The port on the host that reaches the container's. */
async function portOf(container: Docker.Container, port: string): Promise<number> {
  const { NetworkSettings } = await container.inspect();
  return Number(NetworkSettings.Ports[port]![0]!.HostPort);
}

/** Follows the log until the words are in it, so many times. */
async function logged(container: Docker.Container, words: string, times = 1): Promise<void> {
  const stream = (await container.logs({ follow: true, stdout: true, stderr: true })) as Readable;
  let log = "";
  for await (const chunk of stream) {
    log += chunk;
    if (log.split(words).length > times) break;
  }
  stream.destroy();
  assert.ok(log.includes(words), log);
}

/** What a command in the container prints, and how it ends. */
async function executed(container: Docker.Container, ...Cmd: readonly string[]) {
  const execution = await container.exec({ Cmd: [...Cmd], AttachStdout: true, AttachStderr: true });
  const stream = await execution.start({});
  const [out, err] = [new PassThrough(), new PassThrough()];
  docker.modem.demuxStream(stream, out, err);
  stream.on("end", () => [out, err].map((each) => each.end()));
  const [stdout, stderr] = await Promise.all([text(out), text(err)]);
  return { stdout, stderr, code: (await execution.inspect()).ExitCode };
}

test("PostgreSQL is started, waited for, asked, and stopped", async () => {
  const container = await docker.createContainer({
    Image: "postgres",
    name: "database",
    Env: ["POSTGRES_PASSWORD=secret", "POSTGRES_USER=app"],
    Labels: { app: "shop" },
    ExposedPorts: { "5432/tcp": {} },
    HostConfig: { PortBindings: { "5432/tcp": [{ HostIp: "127.0.0.1" }] }, Memory: 512 * 1024 * 1024 },
  });
  await container.start();
  await logged(container, "ready to accept connections");
  assert.equal(await postgresSays(await portOf(container, "5432/tcp")), "N");
  const asked = await executed(container, "psql", "-U", "app", "-d", "postgres", "-Atc", "SELECT 6 * 7");
  assert.deepEqual(asked, { stdout: "42\n", stderr: "", code: 0 });
  const wrong = await executed(container, "psql", "-U", "app", "-d", "postgres", "-c", "SELECT nosuch");
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /column "nosuch" does not exist/);

  const stats = await container.stats({ stream: false });
  assert.ok(stats.memory_stats.usage > 1_000_000 && stats.memory_stats.limit === 512 * 1024 * 1024);
  assert.ok(stats.cpu_stats.system_cpu_usage >= stats.precpu_stats.system_cpu_usage);
  const { Processes } = await container.top();
  assert.ok(Processes.length > 3);
  const listed = await docker.listContainers({ filters: { label: ["app=shop"] } });
  assert.deepEqual(
    listed.map(({ Names }) => Names),
    [["/database"]],
  );

  await container.stop({ t: 5 });
  assert.deepEqual(await container.wait(), { StatusCode: 0 });
  const { State } = await container.inspect();
  assert.deepEqual([State.Status, State.ExitCode], ["exited", 0]);
  await container.remove({ v: true });
  await assert.rejects(container.inspect(), { statusCode: 404, reason: "no such container" });
});

test("Redis answers on its port while its events are followed", async () => {
  const events = (await docker.getEvents({ filters: { container: ["cache"] } })) as Readable;
  const heard: string[] = [];
  events.on("data", (chunk: Buffer) => {
    for (const line of chunk.toString().split("\n").filter(Boolean)) heard.push(JSON.parse(line).Action);
  });
  const container = await docker.createContainer({
    Image: "redis:latest",
    name: "cache",
    HostConfig: { PublishAllPorts: true, AutoRemove: true },
  });
  await container.start();
  await logged(container, "Ready to accept connections");
  assert.equal(await redisSays(await portOf(container, "6379/tcp")), "+PONG\r\n");
  assert.equal((await executed(container, "redis-cli", "SET", "a", "1")).stdout, "OK\n");
  await container.pause();
  await container.unpause();
  const waited = container.wait({ condition: "removed" });
  await container.kill({ signal: "SIGTERM" });
  assert.deepEqual(await waited, { StatusCode: 0 });
  while (!heard.includes("destroy")) await once(events, "data");
  events.destroy();
  const expected = ["create", "start", "pause", "unpause", "kill", "die", "destroy"];
  assert.deepEqual(
    heard.filter((action) => expected.includes(action)),
    expected,
  );
});

test("nginx serves files that were copied in, and gives them back", async () => {
  const container = await docker.createContainer({
    Image: "nginx",
    HostConfig: { PortBindings: { "80/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }] } },
  });
  const page = Buffer.concat([rawEntry("0", "index.html", "<p>hello</p>"), endBlocks()]);
  await container.putArchive(page, { path: "/var/www/html" });
  await container.start();
  const port = await portOf(container, "80/tcp");
  assert.equal(await nginxSays(port), "<p>hello</p>");
  await assert.rejects(container.putArchive(page, { path: "/nosuch" }), { statusCode: 404 });
  const archive = await container.getArchive({ path: "/var/www/html/index.html" });
  const [entry] = await readAll(Readable.from([await buffer(archive)]));
  assert.equal(entry!.body.toString(), "<p>hello</p>");
  const log = (await container.logs({ stdout: true, stderr: true })).toString();
  assert.match(log, /GET \/ HTTP/);
  await container.restart({ t: 2 });
  assert.equal(await nginxSays(await portOf(container, "80/tcp")), "<p>hello</p>");
  await container.remove({ force: true });
});

test("a terminal and a pipe are attached to, and what is written comes back", async () => {
  const [output] = (await docker.run(
    "busybox",
    ["sh", "-c", "echo out; echo err >&2; exit 3"],
    new PassThrough(),
    {
      HostConfig: { AutoRemove: true },
    },
  )) as [{ readonly StatusCode: number }];
  assert.equal(output.StatusCode, 3);

  const container = await docker.createContainer({
    Image: "busybox",
    Cmd: ["cat"],
    OpenStdin: true,
    StdinOnce: true,
  });
  const stream = await container.attach({ stream: true, stdin: true, stdout: true, hijack: true });
  const out = new PassThrough();
  docker.modem.demuxStream(stream, out, out);
  stream.on("end", () => out.end());
  await container.start();
  stream.end("one\ntwo\n");
  assert.equal(await text(out), "one\ntwo\n");
  await container.wait();
  await container.remove();

  const typing = await docker.createContainer({ Image: "busybox", Cmd: ["sh"], Tty: true, OpenStdin: true });
  const terminal = await typing.attach({ stream: true, stdin: true, stdout: true, hijack: true });
  await typing.start();
  await typing.resize({ h: 33, w: 44 });
  terminal.write("stty size; exit\n");
  assert.match(await text(terminal), /33 44/);
  await typing.remove({ force: true });
});

test("images are listed, named, saved and removed", async () => {
  const image = docker.getImage("busybox");
  await image.tag({ repo: "kept", tag: "1" });
  const tags = (await docker.listImages()).flatMap(({ RepoTags }) => RepoTags ?? []);
  assert.ok(["kept:1", "nginx:latest", "redis:latest", "postgres:latest"].every((tag) => tags.includes(tag)));
  const archive = await buffer(await docker.getImage("kept:1").get());
  await docker.getImage("kept:1").remove();
  await assert.rejects(docker.getImage("kept:1").inspect(), { statusCode: 404 });
  const progress = await text(await docker.loadImage(Readable.from([archive])));
  assert.match(progress, /Loaded image: kept:1/);
  await docker.getImage("kept:1").remove();
  await docker.createVolume({ Name: "data", Labels: { a: "b" } });
  assert.deepEqual(
    (await docker.listVolumes()).Volumes.map(({ Name }) => Name),
    ["data"],
  );
  await docker.getVolume("data").remove();
  const { Version, ApiVersion } = await docker.version();
  assert.ok(Version && ApiVersion);
  assert.equal((await docker.info()).OSType, "linux");
});
