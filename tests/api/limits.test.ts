/** Bad input, and too much of it: an error in Docker's shape or the end of that connection, and nothing for the others. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { limits } from "../../src/api/http/connections.ts";
import { image, until } from "../cli/brig.ts";
import { all, ownService, raw } from "./own-service.ts";

const own = ownService();
const { request, socket, dial, service, brig } = own;

before(async () => {
  await own.startService();
  const first = await brig("run", "--rm", image, "true");
  assert.equal(first.code, 0, first.stderr);
});
after(async () => {
  await own.stopService();
  own.end();
});

const descriptors = () => readdirSync(`/proc/${service().pid}/fd`).length;
/** In MB. */
const pss = () =>
  Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${service().pid}/smaps_rollup`, "utf8"))![1]) / 1024;

async function leavesNothing(work: () => Promise<void>): Promise<void> {
  const earlier = descriptors();
  await work();
  await until(
    () => descriptors() <= earlier + 2,
    () => `${descriptors()} fds, ${earlier} before`,
  );
  assert.equal((await request("GET", "/_ping")).status, 200);
}

const head = "HTTP/1.1\r\nHost: d\r\nConnection: close\r\n";

const volume = `POST /volumes/create ${head}Content-Type: application/json\r\n`;
const sized = (body: string) => `${volume}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
const get = (path: string) => `GET ${path} ${head}\r\n`;

/** What is sent, the status, what the message says. */
const bad: readonly (readonly [name: string, sent: string, status: number, text: RegExp])[] = [
  [
    "chunks without end",
    `${volume}Transfer-Encoding: chunked\r\n\r\n${"5\r\n12345\r\n".repeat(900_000)}`,
    413,
    /too large/,
  ],
  ["JSON that is too deep", sized("[".repeat(400_000)), 400, /invalid JSON/],
  ["JSON that is a text", sized('"Name"'), 400, /must be an object/],
  ["JSON with bytes behind it", sized("{}{}"), 400, /invalid JSON/],
  ["a path of dots", get("/../../etc/passwd"), 404, /page not found/],
  ["a path of escaped dots", get("/containers/%2e%2e%2f%2e%2e/json"), 404, /No such container: \.\.\/\.\./],
  ["a NUL in a path", get("/containers/a%00b/json"), 404, /No such container/],
  ["a NUL in a path of files", get("/containers/a/archive?path=%00"), 404, /No such container/],
  ["a version of words", get("/vx.y/info"), 404, /page not found/],
  ["a version from the future", get("/v9999.9999/info"), 400, /too new/],
  ["an empty part of a path", get("/containers//json"), 404, /page not found/],
  ["a whole URL", get("http://evil/info"), 404, /page not found/],
  ["a thousand parameters", get(`/containers/json?${"a=1&".repeat(1000)}limit=x`), 400, /Atoi/],
  ["filters that are a list", get("/events?filters=[]"), 400, /invalid filter/],
  ["a number beyond all", get("/containers/json?limit=99999999999999999999"), 400, /Atoi/],
  ["an unknown method", `PATCH /containers/json ${head}\r\n`, 405, /method not allowed/],
];

test("bad requests get an error in Docker's shape", async () => {
  await leavesNothing(async () => {
    for (const [name, sent, status, text] of bad) {
      const answer = await raw(socket, sent);
      assert.equal(answer.status, status, `${name}: ${answer.body}`);
      assert.match(answer.json<{ message: string }>().message, text, name);
    }
  });
});

test("a body on a request that has none is passed over, and the connection goes on", async () => {
  const connection = await dial();
  const body = "x".repeat(100_000);
  connection.write(`GET /_ping HTTP/1.1\r\nHost: d\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  await sleep(50);
  connection.write(`GET /nosuch ${head}\r\n`);
  const statuses = [...(await all(connection)).toString().matchAll(/HTTP\/1\.1 (\d+)/g)].map(
    ([, code]) => code,
  );
  assert.deepEqual(statuses, ["200", "404"]);
});

test("a body that never ends, for a route that is not there, ends its connection", async () => {
  await leavesNothing(async () => {
    const connection = await dial();
    connection.on("error", () => {});
    connection.write("POST /nosuch HTTP/1.1\r\nHost: d\r\nTransfer-Encoding: chunked\r\n\r\n");
    const timer = setInterval(() => connection.write("5\r\n12345\r\n"), 50);
    const answer = (await Promise.race([all(connection), sleep(9000, Buffer.from("it goes on"))])).toString();
    clearInterval(timer);
    assert.match(answer, /^HTTP\/1\.1 404/);
  });
});

test("a client that asks more than it reads on one connection is cut off", async () => {
  await leavesNothing(async () => {
    const connection = await dial();
    connection.on("error", () => {});
    connection.pause();
    const before = pss();
    for (let i = 0; i < 200 && !connection.destroyed; i++) {
      connection.write(`GET /info HTTP/1.1\r\nHost: d\r\n\r\n`.repeat(500));
      await sleep(5);
    }
    assert.equal((await request("GET", "/_ping")).status, 200);
    assert.ok(pss() < before + 60, `${pss()} MB, ${before} before`);
    connection.destroy();
  });
});

test("more connections than there may be: those that ask are served", async () => {
  await leavesNothing(async () => {
    const idle: Socket[] = [];
    for (let i = 0; i < limits.connections + 200; i += 100) {
      idle.push(...(await Promise.all(Array.from({ length: 100 }, dial))));
      assert.equal((await request("GET", "/_ping")).status, 200);
    }
    for (const connection of idle) connection.on("error", () => {});
    assert.equal((await request("GET", "/_ping")).status, 200);
    assert.ok(descriptors() < limits.connections + 200);
    // Who has said a part of a request is as idle as who has said nothing.
    for (const connection of idle.slice(-100)) connection.write("GET /_p");
    assert.equal((await request("GET", "/containers/json")).status, 200);
    for (const connection of idle) connection.destroy();
  });
});

test("followers of logs and events that never read cost a bounded piece of memory", async () => {
  const flood = "i=0; while [ $i -lt 400 ]; do head -c 100000 /dev/zero | tr '\\0' x; echo; i=$((i+1)); done";
  assert.equal((await brig("run", "-d", "--name", "flood", image, "sh", "-c", flood)).code, 0);
  await leavesNothing(async () => {
    const before = pss();
    const followers = await Promise.all(
      Array.from({ length: 30 }, async (_, i) => {
        const connection = await dial();
        connection.pause();
        const path = [
          "/containers/flood/logs?stdout=1&follow=1",
          "/containers/flood/stats",
          "/events?since=0",
        ][i % 3];
        connection.write(`GET ${path} HTTP/1.1\r\nHost: d\r\n\r\n`);
        return connection;
      }),
    );
    assert.equal(
      (await request("POST", "/containers/flood/wait")).json<{ StatusCode: number }>().StatusCode,
      0,
    );
    const { body } = await request("GET", "/containers/flood/logs?stdout=1&tail=1");
    assert.match(body, /x.*\n$/s);
    assert.ok(pss() < before + 60, `${pss()} MB, ${before} before`);
    for (const connection of followers) connection.destroy();
  });
  assert.equal((await request("DELETE", "/containers/flood?force=1")).status, 204);
});

test("garbage after a hijack reaches nobody but the container", async () => {
  const { Id: id } = (
    await request("POST", "/containers/create", { Image: image, Cmd: ["sh", "-c", "sleep 1; echo end"] })
  ).json<{ Id: string }>();
  await leavesNothing(async () => {
    const connection = await dial();
    connection.on("error", () => {});
    connection.write(
      `POST /containers/${id}/attach?stream=1&stdout=1&stdin=1 HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n`,
    );
    await sleep(50);
    connection.write("GET /_ping HTTP/1.1\r\nHost: d\r\n\r\n");
    connection.write(Buffer.alloc(1_000_000, 0x80));
    assert.equal((await request("POST", `/containers/${id}/start`)).status, 204);
    const said = (await all(connection)).toString("latin1");
    assert.match(said, /^HTTP\/1\.1 101 .*end\n$/s);
    assert.equal(said.match(/HTTP\/1\.1/g)?.length, 1);
  });
  assert.equal((await request("DELETE", `/containers/${id}?force=1`)).status, 204);
});

test("an exec that is started without a body, or with one that is none of its, is not spent by that", async () => {
  const { Id: id } = (
    await request("POST", "/containers/create", { Image: image, Cmd: ["sleep", "60"] })
  ).json<{ Id: string }>();
  assert.equal((await request("POST", `/containers/${id}/start`)).status, 204);
  const exec = async () =>
    (await request("POST", `/containers/${id}/exec`, { Cmd: ["echo", "in"], AttachStdout: true })).json<{
      Id: string;
    }>().Id;
  const made = await exec();
  const bare = await raw(socket, `POST /exec/${made}/start ${head}\r\n`);
  assert.deepEqual([bare.status, bare.json()], [400, { message: "EOF" }]);
  const body = await raw(
    socket,
    `POST /exec/${made}/start ${head}Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`,
  );
  assert.deepEqual([body.status, body.body], [200, "\x01\0\0\0\0\0\0\x03in\n"]);
  const wrong = await request("POST", `/exec/${await exec()}/start`, { Detach: "yes" });
  assert.deepEqual(
    [wrong.status, wrong.json()],
    [400, { message: "invalid JSON: Detach: must be true or false" }],
  );
  assert.equal((await request("DELETE", `/containers/${id}?force=1`)).status, 204);
});
