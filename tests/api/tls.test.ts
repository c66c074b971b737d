/** The API over TCP: TLS by which both sides prove who they are, or nothing at all. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { type ConnectionOptions, connect } from "node:tls";
import { image, type Result, until } from "../cli/brig.ts";
import { type Certificates, makeCertificates, type Pair } from "./certificates.ts";
import { all, freePort, ownService } from "./own-service.ts";

const own = ownService();
const port = await freePort();
let made: Certificates;

before(async () => {
  const first = await own.brig("run", "--rm", image, "true");
  assert.equal(first.code, 0, first.stderr);
  made = makeCertificates(own.root);
  await own.startService(
    ...["-H", `tcp://127.0.0.1:${port}`, "--tlsverify", "--tlscacert", made.authority],
    ...["--tlscert", made.server.certificate, "--tlskey", made.server.key],
  );
});
after(async () => {
  await own.stopService();
  own.end();
});

function dockerAs({ certificate, key }: Pair, input: string, ...args: readonly string[]): Promise<Result> {
  const identity = ["--tlsverify", "--tlscacert", made.authority, "--tlscert", certificate, "--tlskey", key];
  const child = spawn("docker", [...identity, "-H", `tcp://127.0.0.1:${port}`, ...args], {
    env: { ...process.env, DOCKER_CONFIG: own.root },
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
  child.stdin.on("error", () => {}); // it may end before it has read all
  child.stdin.end(input);
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, stdout, stderr })));
}

test("docker runs, feeds, follows and enters containers over TLS, and input may end before output", async () => {
  const ran = await dockerAs(
    made.client,
    "b\na\n",
    "run",
    "--rm",
    "-i",
    image,
    "sh",
    "-c",
    "sort; echo err >&2; exit 3",
  );
  assert.deepEqual([ran.code, ran.stdout, ran.stderr], [3, "a\nb\n", "err\n"]);
  const { stdout: id } = await dockerAs(made.client, "", "run", "-d", image, "sh", "-c", "echo up; sleep 60");
  const entered = await dockerAs(made.client, "x".repeat(300_000), "exec", "-i", id.trim(), "wc", "-c");
  assert.deepEqual([entered.code, entered.stdout.trim()], [0, "300000"], entered.stderr);
  assert.equal((await dockerAs(made.client, "", "logs", id.trim())).stdout, "up\n");
  assert.equal((await dockerAs(made.client, "", "rm", "-f", id.trim())).code, 0);
});

test("a megabyte goes both ways at once", async () => {
  const text = "0123456789abcde\n".repeat(65_536);
  const echoed = await dockerAs(made.client, text, "run", "--rm", "-i", image, "cat");
  assert.equal(echoed.stdout.length, text.length, echoed.stderr);
  assert.ok(echoed.stdout === text);
});

/** What somebody says who is no client of ours, and what comes back. */
async function said(options: ConnectionOptions): Promise<string> {
  const socket = connect({ port, host: "127.0.0.1", ca: readFileSync(made.authority), ...options });
  socket.on("error", () => {});
  socket.write("GET /_ping HTTP/1.1\r\nHost: d\r\nConnection: close\r\n\r\n");
  return (await all(socket)).toString();
}

const files = ({ certificate, key }: Pair) => ({ cert: readFileSync(certificate), key: readFileSync(key) });

test("nobody gets as far as HTTP without a certificate of the authority", async () => {
  assert.match(await said(files(made.client)), /^HTTP\/1\.1 200 /);
  assert.equal(await said({}), "");
  assert.equal(await said(files(made.stranger)), "");
  assert.equal(await said(files(made.server)), "", "a server's certificate is none of a client");
  assert.equal(await said({ ...files(made.client), maxVersion: "TLSv1.1", minVersion: "TLSv1" }), "");
  const refused = await dockerAs(made.stranger, "", "ps");
  assert.notEqual(refused.code, 0);
});

test("who connects and never shakes hands is let go, and others are served meanwhile", async () => {
  const { connect: dial } = await import("node:net");
  const mute = Array.from({ length: 100 }, () => dial({ port, host: "127.0.0.1" }).on("error", () => {}));
  assert.match(await said(files(made.client)), /^HTTP\/1\.1 200 /);
  mute[0]!.write("GET /_ping HTTP/1.1\r\n\r\n");
  assert.doesNotMatch((await all(mute[0]!)).toString("latin1"), /HTTP/);
  for (const socket of mute) socket.destroy();
});

/** Flags, and what brig says to them. */
const refusals: readonly (readonly [flags: readonly string[], complaint: RegExp])[] = [
  [["-H", "tcp://127.0.0.1:1"], /whoever reaches the API is root here/],
  [["-H", "tcp://127.0.0.1:1", "--tlsverify"], /--tlscacert names no file/],
  [["-H", "tcp://127.0.0.1:1", "--tlsverify", "--tlscacert", "/nosuch"], /cannot read --tlscacert/],
  [["-H", "tcp://"], /name an address/],
  [["-H", "tcp://127.0.0.1:99999"], /99999 is no port/],
  [["-H", "udp://127.0.0.1:1"], /write unix:\/\/PATH, fd:\/\/ or tcp:\/\/HOST:PORT/],
  [["-H", "unix:///tmp/x?writable"], /writable is none of readonly, group, mode/],
  [["-H", "unix:///tmp/x?readonly=all"], /readonly shows state or logs, not all/],
  [["-H", "unix:///tmp/x?mode=9"], /9 is no mode/],
  [["-H", "fd://"], /no socket was handed over/],
];

test("a service that would be less safe than was meant does not start", async () => {
  for (const [flags, complaint] of refusals) {
    const { code, stderr } = await own.brig("service", ...flags);
    assert.deepEqual([code, complaint.test(stderr)], [1, true], stderr);
  }
});

test("plain TCP is to be had by force, with a warning", async () => {
  const plain = await freePort();
  const service = own.start("service", "-H", `tcp://127.0.0.1:${plain}`, "--insecure-tcp");
  let told = "";
  service.stderr.setEncoding("utf8").on("data", (text) => (told += text));
  await until(
    () => told.includes("API listen on"),
    () => told,
  );
  assert.match(told, /warning: tcp:\/\/127\.0\.0\.1:\d+ has no TLS: whoever reaches it is root here/);
  const answer = await fetch(`http://127.0.0.1:${plain}/_ping`, { headers: { Connection: "close" } });
  assert.equal(await answer.text(), "OK");
  service.kill();
  await once(service, "exit");
});
