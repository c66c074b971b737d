/** The service as any client sees it: versions, errors, hostile input, and what its own end means to containers. */

import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { image, until } from "../cli/brig.ts";
import { all, ownService, raw } from "./own-service.ts";

const { brig, socket, startService, stopService, service, dial, request, end } = ownService();

before(async () => {
  const first = await brig("run", "--rm", image, "true");
  assert.equal(first.code, 0, first.stderr);
  await startService();
});
after(async () => {
  await stopService();
  end();
});

const message = (text: string) => JSON.stringify({ message: text });

test("ping answers with the version that is spoken", async () => {
  for (const path of ["/_ping", "/v1.24/_ping", "/v1.51/_ping"]) {
    const { status, headers, body } = await request("GET", path);
    assert.deepEqual(
      [status, headers["api-version"], headers.ostype, body],
      [200, "1.51", "linux", "OK"],
      path,
    );
  }
  assert.equal((await request("HEAD", "/_ping")).body, "");
});

/** Request, status, what the message begins with. */
const refused: readonly (readonly [
  method: string,
  path: string,
  body: unknown,
  status: number,
  text: string,
])[] = [
  [
    "GET",
    "/v1.23/_ping",
    undefined,
    400,
    "client version 1.23 is too old. Minimum supported API version is 1.24",
  ],
  [
    "GET",
    "/v1.99/info",
    undefined,
    400,
    "client version 1.99 is too new. Maximum supported API version is 1.51",
  ],
  ["GET", "/v1.41.2/info", undefined, 404, "page not found"],
  ["GET", "/nosuch", undefined, 404, "page not found"],
  ["GET", "/containers/a/../../json", undefined, 404, "page not found"],
  ["GET", "/containers/..%2f..%2fetc/json", undefined, 404, "No such container: ../../etc"],
  ["GET", "/containers/%zz/json", undefined, 400, "invalid URL escape"],
  ["DELETE", "/containers/json", undefined, 404, "No such container: json"],
  ["PUT", "/_ping", undefined, 405, "method not allowed"],
  ["POST", "/containers/create", undefined, 400, "EOF"],
  ["POST", "/containers/create", "{", 400, "invalid JSON: "],
  ["POST", "/containers/create", "[]", 400, "invalid JSON: must be an object"],
  ["POST", "/containers/create", { Image: 1 }, 400, "invalid JSON: Image: must be a string"],
  ["POST", "/containers/create", { image, CMD: [1] }, 400, "invalid JSON: Cmd[0]: must be a string"],
  ["POST", "/containers/create", { Image: "a\0b" }, 400, "invalid JSON: Image: must not contain a NUL byte"],
  ["POST", "/containers/create", { Image: "nosuch" }, 404, "No such image: nosuch:latest"],
  ["POST", "/containers/create?name=-", { Image: image }, 400, "Invalid container name (-)"],
  [
    "POST",
    "/containers/create",
    { Image: image, HostConfig: { Binds: ["a:b:c:d"] } },
    400,
    "invalid volume specification",
  ],
  [
    "POST",
    "/containers/create",
    { Image: image, HostConfig: { Binds: ["./here:/x"] } },
    400,
    "invalid volume specification",
  ],
  [
    "POST",
    "/containers/create",
    { Image: image, HostConfig: { IpcMode: "nosuch" } },
    400,
    "invalid IPC mode: nosuch",
  ],
  [
    "POST",
    "/containers/create",
    { Image: image, HostConfig: { Links: ["a"] } },
    501,
    "cannot create the container: brig does not support links",
  ],
  [
    "POST",
    "/containers/create",
    { Image: image, WorkingDir: "a" },
    400,
    "the working directory 'a' is invalid",
  ],
  ["GET", "/containers/json?filters=%7B", undefined, 400, "invalid filter"],
  ["GET", "/containers/json?filters=%7B%22nosuch%22%3A%5B%5D%7D", undefined, 400, "invalid filter 'nosuch'"],
  ["GET", "/containers/json?limit=x", undefined, 400, "strconv.Atoi"],
  [
    "GET",
    "/networks?filters=%7B%22dangling%22%3A%5B%22x%22%5D%7D",
    undefined,
    400,
    "invalid filter 'dangling",
  ],
  ["GET", "/events?since=x", undefined, 400, "failed to parse value as time or duration"],
  [
    "POST",
    "/containers/create",
    { Image: image, HostConfig: { Ulimits: [{ Name: "nosuch", Soft: 1, Hard: 1 }] } },
    400,
    "invalid ulimit type: nosuch",
  ],
  ["GET", "/containers/nosuch/logs?stdout=1", undefined, 404, "No such container: nosuch"],
  ["POST", "/containers/nosuch/wait?condition=never", undefined, 400, 'invalid condition: "never"'],
  ["POST", "/exec/nosuch/start", {}, 404, "No such exec instance: nosuch"],
  ["POST", "/exec/nosuch/start", undefined, 400, "EOF"],
  ["GET", "/images/nosuch:1/json", undefined, 404, "No such image: nosuch:1"],
  ["GET", "/images/a/b/c/json", undefined, 404, "No such image: a/b/c:latest"],
  ["GET", "/volumes/a%00b", undefined, 404, "No such volume: a\0b"],
  ["GET", `/volumes/${"x".repeat(300)}`, undefined, 404, "No such volume: xxx"],
  ["POST", "/volumes/create", { Name: "x".repeat(300) }, 400, "cannot create"],
  ["GET", "/volumes/nosuch", undefined, 404, "No such volume: nosuch"],
  ["GET", "/swarm", undefined, 503, "This node is not a swarm manager."],
  ["POST", "/auth", {}, 501, "cannot log in"],
];

test("what cannot be done is an error in Docker's shape", async () => {
  for (const [method, path, body, status, text] of refused) {
    const answer = await request(method, path, body);
    const where = `${method} ${path}: ${answer.body}`;
    assert.equal(answer.status, status, where);
    assert.ok(answer.json<{ message: string }>().message.startsWith(text), where);
  }
});

test("a body is read only as far as it may go, and only as what it says it is", async () => {
  const huge = await request("POST", "/containers/create", `"${"x".repeat(5_000_000)}"`);
  assert.equal(huge.status, 413);
  const text = await raw(
    socket,
    "POST /containers/create HTTP/1.1\r\nHost: d\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}",
  );
  assert.deepEqual(
    [text.status, text.json<{ message: string }>().message.slice(0, 31)],
    [400, "unsupported Content-Type header"],
  );
  const bodyOnGet = await request("GET", "/_ping", {});
  assert.equal(bodyOnGet.status, 200);
});

test("bytes that are no HTTP end their own connection alone", async () => {
  for (const bytes of [
    "\r\n\r\n\0\0",
    "GET\r\n\r\n",
    `GET /${"a".repeat(100_000)} HTTP/1.1\r\n\r\n`,
    "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
    "POST / HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  ]) {
    const connection = await dial();
    connection.write(bytes);
    connection.end();
    const said = (await Promise.race([all(connection), sleep(5000, Buffer.from("nothing"))])).toString();
    assert.match(said, /^(?:HTTP\/1\.1 4\d\d |$)/, JSON.stringify(bytes.slice(0, 40)));
  }
  assert.equal((await request("GET", "/_ping")).status, 200);
});

test("requests in a row on one connection are answered in their order", async () => {
  const connection = await dial();
  connection.write(
    "GET /_ping HTTP/1.1\r\nHost: d\r\n\r\nGET /nosuch HTTP/1.1\r\nHost: d\r\n\r\nGET /_ping HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n",
  );
  const statuses = [...(await all(connection)).toString().matchAll(/HTTP\/1\.1 (\d+)/g)].map(
    ([, code]) => code,
  );
  assert.deepEqual(statuses, ["200", "404", "200"]);
});

test("a client that asks before it sends its body is told to go on", async () => {
  const connection = await dial();
  connection.write(
    "POST /volumes/create HTTP/1.1\r\nHost: d\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n",
  );
  const [first] = (await new Promise<Buffer>((resolve) => connection.once("data", resolve)))
    .toString()
    .split("\r\n");
  assert.equal(first, "HTTP/1.1 100 Continue");
  connection.write('{"Name":"asked"}');
  assert.match((await all(connection)).toString(), /201 Created/);
  assert.equal((await request("DELETE", "/volumes/asked")).status, 204);
});

const descriptors = () => readdirSync(`/proc/${service().pid}/fd`).length;

test("clients that only connect, or never read, cost the others nothing and leave nothing", async () => {
  const earlier = descriptors();
  const idle = await Promise.all(Array.from({ length: 500 }, dial));
  const followers = await Promise.all(
    Array.from({ length: 50 }, async () => {
      const connection = await dial();
      connection.pause();
      connection.write("GET /events HTTP/1.1\r\nHost: d\r\n\r\n");
      return connection;
    }),
  );
  const made = await request("POST", "/containers/create?name=watched", { Image: image });
  assert.equal(made.status, 201, made.body);
  assert.equal((await request("DELETE", "/containers/watched")).status, 204);
  for (const connection of [...idle, ...followers]) connection.destroy();
  await until(
    () => descriptors() <= earlier + 2,
    () => `${descriptors()} fds, ${earlier} before`,
  );
});

test("the socket is for root alone, and no second service takes it", async () => {
  assert.equal(statSync(socket).mode & 0o777, 0o600);
  const second = await brig("service", "-H", `unix://${socket}`);
  assert.deepEqual(
    [second.code, second.stderr.includes("another service does already")],
    [1, true],
    second.stderr,
  );
  const tcp = await brig("service", "-H", "tcp://127.0.0.1:0");
  assert.match(tcp.stderr, /whoever reaches the API is root here/);
});

test("a container is made, started, read and waited for as docker run does it", async () => {
  const made = await request("POST", "/v1.41/containers/create?name=ran", {
    Image: image,
    Cmd: ["sh", "-c", "read line; echo got $line; echo oops >&2; exit 3"],
    OpenStdin: true,
    StdinOnce: true,
    HostConfig: { AutoRemove: true },
  });
  const { Id: id } = made.json<{ Id: string }>();
  const attached = await dial();
  attached.write(
    `POST /v1.41/containers/${id}/attach?stream=1&stdin=1&stdout=1&stderr=1 HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 0\r\n\r\n`,
  );
  const waited = request("POST", `/v1.41/containers/${id}/wait?condition=removed`);
  await sleep(100);
  assert.equal((await request("POST", `/v1.41/containers/${id}/start`)).status, 204);
  attached.end("hello\n"); // half-closed: the output still comes
  const said = (await all(attached)).toString("latin1");
  assert.match(said, /^HTTP\/1\.1 101 UPGRADED\r\n/);
  const frames = said.slice(said.indexOf("\r\n\r\n") + 4);
  assert.equal(frames, "\x01\0\0\0\0\0\0\x0agot hello\n\x02\0\0\0\0\0\0\x05oops\n");
  assert.equal((await waited).body, '{"StatusCode":3}\n');
  assert.equal((await request("GET", `/containers/${id}/json`)).status, 404);
});

test("followers are told what any process does, when it has done it, and nothing else", async () => {
  const connection = await dial();
  const filters = encodeURIComponent(
    JSON.stringify({ container: ["told"], event: ["create", "start", "die", "destroy"] }),
  );
  connection.write(`GET /events?filters=${filters} HTTP/1.1\r\nHost: d\r\n\r\n`);
  let heard = "";
  connection.setEncoding("utf8").on("data", (text) => (heard += text));
  await until(() => heard.includes("200 OK"), "the answer has begun");
  for (const name of ["other", "told"])
    assert.equal((await brig("run", "--rm", "--name", name, image, "true")).code, 0);
  const actions = () => [
    ...heard.matchAll(/"Action":"(\w+)","Actor":\{"ID":"\w+","Attributes":\{[^}]*"name":"(\w+)"/g),
  ];
  await until(
    () => actions().length === 4,
    () => heard,
  );
  assert.deepEqual(
    actions().map(([, action, name]) => `${action} ${name}`),
    ["create told", "start told", "die told", "destroy told"],
  );
  connection.destroy();
  const past = await request(
    "GET",
    `/events?since=${Math.floor(Date.now() / 1000) - 600}&until=${Date.now() / 1000}&filters=${filters}`,
  );
  assert.equal(past.body.trim().split("\n").length, 4);
});

test("what the service starts goes on when it is killed, and the next one continues", async () => {
  const { Id: id } = (
    await request("POST", "/containers/create?name=survives", {
      Image: image,
      Cmd: ["sh", "-c", "trap 'exit 5' TERM; while :; do echo tick; sleep 0.05; done"],
    })
  ).json<{ Id: string }>();
  assert.equal((await request("POST", `/containers/${id}/start`)).status, 204);
  await stopService("SIGKILL");
  const lines = async () => (await brig("logs", "survives")).stdout.split("\n").length;
  const earlier = await lines();
  await until(async () => (await lines()) > earlier + 3, "it goes on writing");
  await startService();
  const state = (await request("GET", "/containers/survives/json")).json<{ State: { Status: string } }>();
  assert.equal(state.State.Status, "running");
  assert.equal((await request("POST", "/containers/survives/stop?t=5")).status, 204);
  const ended = (await request("GET", "/containers/survives/json")).json<{ State: { ExitCode: number } }>();
  assert.equal(ended.State.ExitCode, 5);
  assert.equal((await request("POST", "/containers/survives/stop")).status, 304);
  assert.equal((await request("DELETE", "/containers/survives")).status, 204);
  assert.equal((await request("GET", "/nosuch")).body, `${message("page not found")}\n`);
});

test("a command is made, executed once, and tells how it ended, also to the next service", async () => {
  const { Id: id } = (
    await request("POST", "/containers/create?name=host", { Image: image, Cmd: ["sleep", "100"] })
  ).json<{ Id: string }>();
  await request("POST", `/containers/${id}/start`);
  const { Id: exec } = (
    await request("POST", `/containers/${id}/exec`, {
      Cmd: ["sh", "-c", "echo in; exit 9"],
      AttachStdout: true,
    })
  ).json<{ Id: string }>();
  const output = await raw(
    socket,
    `POST /exec/${exec}/start HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{"Detach":false}`,
  );
  assert.deepEqual([output.status, output.body], [101, "\x01\0\0\0\0\0\0\x03in\n"]);
  const again = await request("POST", `/exec/${exec}/start`, { Detach: true });
  assert.deepEqual([again.status, again.body.includes("has already run")], [409, true]);
  await stopService("SIGKILL");
  await startService();
  const told = (await request("GET", `/exec/${exec}/json`)).json<{ ExitCode: number; Running: boolean }>();
  assert.deepEqual([told.ExitCode, told.Running], [9, false]);
  assert.equal((await request("DELETE", `/containers/${id}?force=1`)).status, 204);
});
