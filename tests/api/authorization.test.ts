/**
 * Authorization plugins: what they are shown, what their answers do, and that nothing passes them by. The plugin is a real
 * one, a server on a socket where Docker looks for them.
 */

import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";
import { after, afterEach, before, test } from "node:test";
import { image } from "../cli/brig.ts";
import { all, ownService, raw } from "./own-service.ts";

const own = ownService();
const { request, socket, root, dial } = own;
const [first, second, absent] = ["first", "second", "absent"].map(
  (name) => `brig-${process.pid}-${name}`,
) as [string, string, string];
const folders = ["/run/docker/plugins", "/etc/docker/plugins"] as const;
const socketPath = join(folders[0], `${first}.sock`);
const specPath = join(folders[1], `${second}.spec`);

interface Question {
  readonly plugin: string;
  readonly method: string;
  readonly RequestMethod: string;
  readonly RequestUri: string;
  readonly RequestBody?: string;
  readonly RequestHeaders: Readonly<Record<string, string>>;
  readonly ResponseStatusCode?: number;
  readonly ResponseBody?: string;
}
type Verdict = { readonly Allow?: boolean; readonly Msg?: string; readonly Err?: string } | string;

let asked: Question[] = [];
const agree = (): Verdict => ({ Allow: true });
let judge: (question: Question) => Verdict = agree;
let servers: readonly Server[] = [];

function plugin(name: string): Server {
  return createServer(async (call, answer) => {
    const chunks: Buffer[] = [];
    for await (const chunk of call) chunks.push(chunk as Buffer);
    const method = call.url!.slice(1);
    if (method === "Plugin.Activate") return void answer.end(JSON.stringify({ Implements: ["authz"] }));
    const question = { plugin: name, method, ...JSON.parse(Buffer.concat(chunks).toString()) } as Question;
    asked.push(question);
    const verdict = judge(question);
    answer.end(typeof verdict === "string" ? verdict : JSON.stringify(verdict));
  });
}

before(async () => {
  const ran = await own.brig("run", "--rm", image, "true");
  assert.equal(ran.code, 0, ran.stderr);
  for (const folder of folders) mkdirSync(folder, { recursive: true });
  const elsewhere = join(root, "second.sock");
  writeFileSync(specPath, `unix://${elsewhere}\n`);
  servers = [plugin(first), plugin(second)];
  for (const [i, path] of [socketPath, elsewhere].entries())
    await once(servers[i]!.listen(path), "listening");
  await own.startService("--authorization-plugin", first, "--authorization-plugin", second);
});
afterEach(() => {
  asked = [];
  judge = agree;
});
after(async () => {
  await own.stopService();
  own.end();
  for (const server of servers) server.close();
  rmSync(specPath, { force: true });
});

const requests = () => asked.filter(({ method }) => method === "AuthZPlugin.AuthZReq");
const bodyOf = ({ RequestBody = "" }: Question) => Buffer.from(RequestBody, "base64").toString();

test("every plugin is asked before a request and after it, in turn and back", async () => {
  asked = [];
  const made = await request("POST", "/v1.41/volumes/create?x=1", { Name: "asked" });
  assert.equal(made.status, 201, made.body);
  assert.deepEqual(
    asked.map(({ plugin: name, method }) => `${name.split("-").at(-1)} ${method}`),
    [
      "first AuthZPlugin.AuthZReq",
      "second AuthZPlugin.AuthZReq",
      "second AuthZPlugin.AuthZRes",
      "first AuthZPlugin.AuthZRes",
    ],
  );
  const [before, , , last] = asked;
  assert.deepEqual(
    [before!.RequestMethod, before!.RequestUri, bodyOf(before!)],
    ["POST", "/v1.41/volumes/create?x=1", '{"Name":"asked"}'],
  );
  assert.equal(before!.RequestHeaders["Content-Type"], "application/json");
  assert.equal(last!.ResponseStatusCode, 201);
  assert.match(Buffer.from(last!.ResponseBody!, "base64").toString(), /"Name":"asked"/);
});

test("what a plugin refuses is not done, and says which and why", async () => {
  judge = ({ plugin: name, RequestMethod }) =>
    name === second && RequestMethod === "DELETE" ? { Allow: false, Msg: "not today" } : { Allow: true };
  const refused = await request("DELETE", "/volumes/asked");
  assert.equal(refused.status, 403);
  assert.deepEqual(refused.json(), { message: `authorization denied by plugin ${second}: not today` });
  assert.equal((await request("GET", "/volumes/asked")).status, 200);
});

test("an answer that a plugin refuses is not told", async () => {
  judge = ({ method }) => ({ Allow: method !== "AuthZPlugin.AuthZRes", Msg: "secret" });
  for (const path of ["/volumes/asked", "/events?since=0", "/volumes/nosuch"]) {
    const { status, body } = await request("GET", path);
    assert.equal(status, 403, path);
    assert.doesNotMatch(body, /Mountpoint|No such volume/);
  }
});

/** What a plugin may do instead of an answer. */
const broken: readonly Verdict[] = ["", "{", "[]", '{"Allow":"yes"}', { Err: "out of order" }];

test("nothing is done where a plugin does not answer as it should", async () => {
  for (const verdict of broken) {
    judge = () => verdict;
    const { status, json } = await request("DELETE", "/volumes/asked");
    assert.equal(status, 500, JSON.stringify(verdict));
    assert.match(json<{ message: string }>().message, new RegExp(`^plugin ${first} failed with error: `));
  }
  judge = agree;
  assert.equal((await request("GET", "/volumes/asked")).status, 200);
});

const body = JSON.stringify({ Image: image, HostConfig: { Privileged: true } });
const chunked = [body.slice(0, 20), body.slice(20)]
  .map((part) => `${part.length.toString(16)}\r\n${part}\r\n`)
  .join("");

/** Ways to send a body past a plugin that believes the headers. */
const hidden: readonly (readonly [name: string, headers: string, sent: string])[] = [
  ["in chunks", "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n", `${chunked}0\r\n\r\n`],
  [
    "in chunks beside another protocol",
    "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n",
    `${chunked}0\r\n\r\n`,
  ],
  ["with a type in capitals", `Content-Type: APPLICATION/JSON\r\nContent-Length: ${body.length}\r\n`, body],
  ["without a type", `Content-Length: ${body.length}\r\n`, body],
  ["behind no length", "Content-Type: application/json\r\nContent-Length: 0\r\n", body],
  [
    "behind a length of nothing and chunks",
    "Content-Type: application/json\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n",
    `${chunked}0\r\n\r\n`,
  ],
  [
    "behind two lengths",
    `Content-Type: application/json\r\nContent-Length: 0\r\nContent-Length: ${body.length}\r\n`,
    body,
  ],
];

test("no privileged container passes a plugin that refuses those it sees (CVE-2024-41110)", async () => {
  judge = (question) => ({ Allow: !bodyOf(question).includes('"Privileged":true'), Msg: "privileged" });
  for (const [name, headers, sent] of hidden) {
    asked = [];
    const connection = await dial();
    connection.write(
      `POST /v1.41/containers/create?name=hidden HTTP/1.1\r\nHost: d\r\n${headers}\r\n${sent}`,
    );
    connection.end();
    const answer = (await all(connection)).toString();
    assert.doesNotMatch(answer, /^HTTP\/1\.1 20/, name);
    for (const question of requests())
      assert.ok([body, ""].includes(bodyOf(question)), `${name}: the plugin saw ${bodyOf(question)}`);
    assert.equal((await own.brig("ps", "-aq")).stdout, "", name);
  }
});

test("a body that is longer than plugins are told is refused", async () => {
  const { status, json } = await request("POST", "/containers/create", {
    Image: image,
    Labels: { long: "x".repeat(1_100_000) },
    HostConfig: { Privileged: true },
  });
  assert.deepEqual([status, json()], [413, { message: "http: request body too large" }]);
  assert.deepEqual(requests(), []);
});

test("credentials and archives are not shown to plugins", async () => {
  const auth = await raw(
    socket,
    'POST /auth HTTP/1.1\r\nHost: d\r\nConnection: close\r\nX-Registry-Auth: c2VjcmV0\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{"password":"p"}',
  );
  assert.equal(auth.status, 501);
  assert.deepEqual(
    [bodyOf(requests()[0]!), requests()[0]!.RequestHeaders["X-Registry-Auth"]],
    ["", undefined],
  );
});

test("attaching and executing are asked about as well", async () => {
  const { Id: id } = (
    await request("POST", "/containers/create", { Image: image, Cmd: ["sleep", "60"] })
  ).json<{
    Id: string;
  }>();
  assert.equal((await request("POST", `/containers/${id}/start`)).status, 204);
  const made = await request("POST", `/containers/${id}/exec`, { Cmd: ["echo", "in"], AttachStdout: true });
  const { Id: exec } = made.json<{ Id: string }>();
  judge = ({ RequestUri }) => ({ Allow: !RequestUri.includes("/start"), Msg: "no" });
  const upgrade = `POST /exec/${exec}/start HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`;
  assert.match((await raw(socket, upgrade)).body, /denied by plugin/);
  judge = agree;
  const ran = await raw(socket, upgrade);
  assert.deepEqual([ran.status, ran.body], [101, "\x01\0\0\0\0\0\0\x03in\n"]);
  assert.equal((await request("DELETE", `/containers/${id}?force=1`)).status, 204);
});

test("a service whose plugin is not there does nothing", async () => {
  await own.stopService();
  await assert.rejects(own.startService("--authorization-plugin", absent), /the service is up/);
  const { status, json } = await request("GET", "/_ping");
  assert.equal(status, 500);
  assert.match(
    json<{ message: string }>().message,
    new RegExp(`^plugin ${absent} failed with error: there is none in`),
  );
  assert.equal(existsSync(socketPath), true);
});
