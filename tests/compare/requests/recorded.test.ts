/**
 * What real clients have sent to brig's service, put to both services: the docker client, dockerode and python3-docker
 * do their work through a proxy that keeps their requests (`record.ts`), and each request is asked of both again.
 *
 *   RECORDED=FILE     what record.ts has written, in place of the clients
 */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after } from "node:test";
import { cgroupOf } from "../../../bench/engines.ts";
import { isolate } from "../../fixtures/peers.ts";
import { differences } from "./differences.ts";
import { playChapters, type Sockets } from "./play.ts";
import { read, record } from "./record.ts";
import { recordedDifferences } from "./recorded-differences.ts";
import { startServices } from "./services.ts";
import type { Chapter } from "./step.ts";

const dockerScript = `
  docker run -d --name told --label a=b busybox sh -c 'echo one; echo two >&2; sleep 100'
  docker ps --format '{{.Names}}'
  docker logs told
  docker exec told sh -c 'echo in; exit 3' || true
  docker cp told:/etc/passwd - | tar -t
  docker inspect -f '{{.State.Status}}' told
  docker rm -f told
  echo typed | docker run --rm -i busybox cat
  docker volume create kept && docker volume rm kept`;

const dockerodeProgram = `
  import Docker from "dockerode";
  const docker = new Docker();
  const container = await docker.createContainer({ Image: "busybox", Cmd: ["sh", "-c", "echo one; sleep 100"], name: "node" });
  await container.start();
  const exec = await container.exec({ Cmd: ["echo", "in"], AttachStdout: true });
  const stream = await exec.start({});
  stream.resume();
  await new Promise((resolve) => stream.on("end", resolve));
  await exec.inspect();
  await container.logs({ stdout: true });
  await docker.listContainers({ filters: { name: ["node"] } });
  await container.stop({ t: 0 });
  await container.remove();`;

const pythonProgram = `
import docker
client = docker.from_env(version="1.41")
container = client.containers.run("busybox", ["sh", "-c", "echo one; sleep 100"], detach=True, name="python")
container.exec_run(["echo", "in"])
container.reload()
container.rename("snake")
container.kill()
container.wait()
container.remove()
client.images.list()`;

/** Each client, and how it is started. */
const clients: Readonly<Record<string, readonly string[]>> = {
  "the docker client": ["sh", "-ec", dockerScript],
  dockerode: [process.execPath, "--input-type=module", "-e", dockerodeProgram],
  "python3-docker": ["/usr/bin/python3", "-W", "ignore", "-c", pythonProgram],
};

const isolation = await isolate((work) => [cgroupOf(work)]);
after(() => isolation[Symbol.asyncDispose]());
const { sockets, chapters } = await prepared().catch(async (error: unknown) => {
  // No test has begun whose end would leave the isolation.
  await isolation[Symbol.asyncDispose]();
  throw error;
});

playChapters(chapters, [...differences, ...recordedDifferences], () => sockets, { someUnused: true });

async function prepared() {
  const sockets = await startServices(isolation);
  const { RECORDED: file } = process.env;
  if (file !== undefined)
    return { sockets, chapters: [{ title: file, lines: read(readFileSync(file, "utf8")) }] };
  const chapters: Chapter[] = [];
  for (const [title, command] of Object.entries(clients))
    chapters.push(await recorded(sockets, title, command));
  return { sockets, chapters };
}

async function recorded(
  sockets: Sockets,
  title: string,
  [program, ...args]: readonly string[],
): Promise<Chapter> {
  const listen = join(isolation.folder, "recorded.sock");
  await using recording = await record(listen, sockets.brig);
  const env = { ...process.env, DOCKER_HOST: `unix://${listen}`, DOCKER_API_VERSION: "1.41" };
  const client = spawn(program!, args, {
    env,
    stdio: ["ignore", "ignore", "pipe"],
    cwd: import.meta.dirname,
  });
  const closed = new Promise((resolve) => client.on("close", resolve));
  const complaints = await text(client.stderr);
  assert.equal(await closed, 0, `${title}: ${complaints}`);
  return { title, lines: recording.steps() };
}
