/** Whatever the other side says: an answer, or an error of ours, and never a wait without end. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { exchange, type HttpRequest, wireOf } from "./exchange.ts";

const folder = mkdtempSync(join(tmpdir(), "brig-http-"));
after(() => rmSync(folder, { recursive: true }));

/** Asks a server that says `answer` to whatever it hears, in as many pieces as are given, and ends. */
async function asked(
  answer: readonly (string | Uint8Array)[],
  request: Partial<HttpRequest> = {},
  talk: (socket: Socket) => Promise<void> = async () => {},
) {
  const path = join(folder, `${crypto.randomUUID()}.sock`);
  const heard: Buffer[] = [];
  const server = createServer({ allowHalfOpen: true }, async (socket) => {
    socket.on("data", (chunk: Buffer) => heard.push(chunk));
    socket.on("error", () => {});
    for (const piece of answer) {
      socket.write(piece);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await talk(socket);
    socket.end();
  });
  server.listen(path);
  await once(server, "listening");
  const stream = connect({ path, allowHalfOpen: true });
  stream.on("error", () => {});
  try {
    const reply = await exchange(wireOf(stream), { method: "GET", target: "/x", ...request });
    let body = "";
    for await (const piece of reply.pieces) body += Buffer.from(piece).toString("latin1");
    return { status: reply.status, headers: reply.headers, body, reusable: reply.reusable(), heard };
  } finally {
    stream.destroy();
    server.close();
  }
}

const ok = "HTTP/1.1 200 OK\r\n";

test("a body of a length is read, and the connection can be asked again", async () => {
  const { body, reusable } = await asked([`${ok}Content-Length: 5\r\n\r\nhel`, "lo"], {}, pause);
  assert.deepEqual({ body, reusable }, { body: "hello", reusable: true });
});

test("chunks are put together, wherever they are cut", async () => {
  const whole = `${ok}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n7;x=y\r\n, world\r\n0\r\n\r\n`;
  const { body } = await asked([...whole].map(String), {}, pause);
  assert.equal(body, "hello, world");
});

test("without a length the body ends with the connection, which is not asked again", async () => {
  const { body, reusable } = await asked([`${ok}\r\nto the end`]);
  assert.deepEqual({ body, reusable }, { body: "to the end", reusable: false });
});

test("that work goes on is no answer", async () => {
  const { status } = await asked(["HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\n"]);
  assert.equal(status, 204);
});

test("an error that comes before all was sent is told, and the rest is not sent", async () => {
  let sent = 0;
  const endless = async function* () {
    for (; ; sent++) {
      yield Buffer.alloc(65_536);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  const { status, body } = await asked(["HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\n\r\nno"], {
    method: "POST",
    body: endless(),
  });
  assert.deepEqual({ status, body }, { status: 400, body: "no" });
  const before = sent;
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.ok(sent - before < 3, `${sent - before} more pieces were sent`);
});

test("what cannot be read to be sent is what is told", async () => {
  const broken = async function* () {
    yield Buffer.from("a");
    throw new Error("the file has gone");
  };
  await assert.rejects(
    asked([], { method: "POST", body: broken() }, () => new Promise((resolve) => setTimeout(resolve, 1000))),
    /the file has gone/,
  );
});

const hostile: readonly (readonly [string, readonly (string | Uint8Array)[]])[] = [
  ["nothing", []],
  ["noise", [crypto.getRandomValues(new Uint8Array(4096)), "\n\n"]],
  ["another protocol", ["SSH-2.0-OpenSSH_9.2\r\n"]],
  ["half a head", [`${ok}Content-Le`]],
  ["a line without end", ["HTTP/1.1 200 ".padEnd(200_000, "x")]],
  ["headers without end", [ok, "a: b\r\n".repeat(10_000)]],
  ["a length that is none", [`${ok}Content-Length: -5\r\n\r\n`]],
  ["a chunk without a length", [`${ok}Transfer-Encoding: chunked\r\n\r\nhello\r\n`]],
  ["a chunk that is longer than it says", [`${ok}Transfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n`]],
  ["less than it announces", [`${ok}Content-Length: 50\r\n\r\nhello`]],
  ["chunks without end", [`${ok}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`]],
];

for (const [what, answer] of hostile)
  test(`a server that says ${what} is told of as unavailable`, async () => {
    await assert.rejects(asked(answer), { kind: "unavailable" });
  });

test("a path that carries a line end is never sent", async () => {
  await assert.rejects(asked([], { target: "/x HTTP/1.1\r\nX: y" }), { kind: "invalid" });
});

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 100));
