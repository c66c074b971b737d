/** Attaching by a WebSocket, as a client of Node's own does it and as no client should. */

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { Socket } from "node:net";
import { after, before, test } from "node:test";
import { image, until } from "../cli/brig.ts";
import { ownService } from "./own-service.ts";

const { brig, startService, stopService, request, dial, end } = ownService();

before(async () => {
  await brig("run", "--rm", image, "true");
  await startService();
});
after(async () => {
  await stopService();
  end();
});

/** A client's frame. */
function frame(opcode: number, text: string, size = Buffer.byteLength(text)): Buffer {
  const key = randomBytes(4);
  const head = size < 126 ? [0x80 | size] : [0x80 | 126, size >> 8, size & 0xff];
  const payload = Buffer.from(text).map((byte, at) => byte ^ key[at % 4]!);
  return Buffer.concat([Buffer.from([0x80 | opcode, ...head]), key, payload]);
}

/** A connection after its handshake, and what has come since. */
async function open(path: string, headers: readonly string[] = []) {
  const connection: Socket = await dial();
  const heard: Buffer[] = [];
  connection.on("data", (bytes: Buffer) => heard.push(bytes));
  connection.on("error", () => {});
  const lines = [
    `GET ${path} HTTP/1.1`,
    "Host: docker",
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ...headers,
  ];
  connection.write(`${lines.join("\r\n")}\r\n\r\n`);
  const all = () => Buffer.concat(heard).toString("latin1");
  await until(() => all().includes("\r\n\r\n"), "the handshake is answered");
  const split = () => all().indexOf("\r\n\r\n");
  return { connection, head: () => all().slice(0, split()), body: () => all().slice(split() + 4) };
}

const cat = {
  Image: image,
  Cmd: ["sh", "-c", "echo ready; cat; echo end"],
  OpenStdin: true,
};

async function started(name: string): Promise<void> {
  assert.equal((await request("POST", `/containers/create?name=${name}`, cat)).status, 201);
  assert.equal((await request("POST", `/containers/${name}/start`)).status, 204);
}

test("bytes go both ways in frames, and the end is told by a close frame", async () => {
  await started("talks");
  const { connection, head, body } = await open(
    "/containers/talks/attach/ws?stream=1&logs=1&stdin=1&stdout=1",
  );
  assert.match(head(), /^HTTP\/1\.1 101 Switching Protocols\r\n/);
  // The example of RFC 6455, 1.3.
  assert.match(head(), /\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/);
  await until(
    () => body().includes("\x82\x06ready\n"),
    () => JSON.stringify(body()),
  );
  connection.write(frame(9, "there?"));
  connection.write(frame(1, "hello\n"));
  await until(
    () => body().includes("\x82\x06hello\n"),
    () => JSON.stringify(body()),
  );
  assert.ok(body().includes("\x8a\x06there?"), "a ping is answered");
  await request("POST", "/containers/talks/kill");
  await once(connection, "end");
  assert.match(body(), /\x88\x02\x03\xe8$/);
  connection.end();
  await request("DELETE", "/containers/talks?force=1");
});

test("old clients get frames of text", async () => {
  await started("old");
  const { connection, body } = await open("/v1.27/containers/old/attach/ws?stream=1&logs=1");
  await until(
    () => body().includes("\x81\x06ready\n"),
    () => JSON.stringify(body()),
  );
  connection.destroy();
  await request("DELETE", "/containers/old?force=1");
});

test("a client that says farewell is answered, and the container goes on", async () => {
  await started("left");
  const { connection, body } = await open("/containers/left/attach/ws?stream=1&stdin=1&stdout=1");
  connection.write(frame(8, "\x03\xe8"));
  await until(
    () => body().includes("\x88\x02\x03\xe8"),
    () => JSON.stringify(body()),
  );
  connection.destroy();
  const state = (await request("GET", "/containers/left/json")).json<{ State: { Running: boolean } }>();
  assert.equal(state.State.Running, true);
  await request("DELETE", "/containers/left?force=1");
});

test("what is no frame ends its connection with a reason, and nothing else", async () => {
  await started("abused");
  for (const bytes of [Buffer.from("\x81\x05hello", "latin1"), Buffer.alloc(14, 0xff), frame(3, "x")]) {
    const { connection, body } = await open("/containers/abused/attach/ws?stream=1&stdin=1&stdout=1");
    connection.write(bytes);
    await until(
      () => connection.readableEnded || connection.destroyed,
      () => JSON.stringify(body()),
    );
    assert.match(body(), /\x88\x02\x03\xea$/, JSON.stringify(bytes.toString("latin1")));
    connection.destroy();
  }
  const state = (await request("GET", "/containers/abused/json")).json<{ State: { Running: boolean } }>();
  assert.equal(state.State.Running, true);
  await request("DELETE", "/containers/abused?force=1");
});

test("a handshake that is none, or a stranger's, is an error like any other", async () => {
  await started("guarded");
  const path = "/containers/guarded/attach/ws?stream=1";
  assert.equal((await request("GET", path)).status, 400);
  const stranger = await open(path, ["Origin: https://elsewhere.example"]);
  assert.match(stranger.head(), /^HTTP\/1\.1 403 /);
  const own = await open(path, ["Origin: http://docker"]);
  assert.match(own.head(), /^HTTP\/1\.1 101 /);
  const missing = await open("/containers/nosuch/attach/ws");
  assert.match(missing.head(), /^HTTP\/1\.1 404 /);
  for (const { connection } of [stranger, own, missing]) connection.destroy();
  await request("DELETE", "/containers/guarded?force=1");
});
