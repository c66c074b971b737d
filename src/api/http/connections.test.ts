import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Connections, type Limits } from "./connections.ts";
import { Rate } from "./rate.ts";

const folder = mkdtempSync(join(tmpdir(), "brig-connections-"));
after(() => rmSync(folder, { recursive: true }));

const generous: Limits = { connections: 100, head: 60_000, idle: 60_000, pipelined: 2 };

/** A listener whose connections are looked after, and a way to both ends of one. */
async function watched(name: string, limits: Limits) {
  const connections = new Connections(limits);
  const arrived: Socket[] = [];
  const path = join(folder, name);
  const server = createServer((socket) => {
    socket.resume();
    socket.on("error", () => {});
    if (connections.add(socket)) arrived.push(socket);
    else socket.destroy();
  }).listen(path);
  await once(server, "listening");
  return {
    connections,
    async dial() {
      const before = arrived.length;
      const client = connect(path);
      client.on("error", () => {});
      await once(client, "connect");
      for (let i = 0; i < 100 && arrived.length === before && !client.closed; i++) await sleep(5);
      return { client, socket: arrived[before] };
    },
    [Symbol.dispose]() {
      connections[Symbol.dispose]();
      server.close();
    },
  };
}

test("one connection more than there may be takes the place of the longest silent", async () => {
  using door = await watched("full", { ...generous, connections: 3 });
  const [first, second, third] = [await door.dial(), await door.dial(), await door.dial()];
  door.connections.asked(first.socket!); // it waits for an answer: not silent
  const fourth = await door.dial();
  assert.ok(fourth.socket);
  if (!second.client.closed) await once(second.client, "close");
  assert.deepEqual([first.client.closed, third.client.closed, fourth.client.closed], [false, false, false]);
  for (const { socket } of [third, fourth]) door.connections.asked(socket!);
  const fifth = await door.dial();
  assert.equal(fifth.socket, undefined, "nobody is silent: it is the newcomer that goes");
});

test("a request's head that comes too slowly ends its connection, a silent connection may stay", async () => {
  using door = await watched("slow", { ...generous, head: 1500 });
  const [slow, silent] = [await door.dial(), await door.dial()];
  const timer = setInterval(() => slow.client.write("G"), 100);
  await once(slow.client, "close");
  clearInterval(timer);
  assert.equal(silent.client.closed, false);
});

test("a connection that has been silent for too long ends, one whose answer takes long does not", async () => {
  using door = await watched("idle", { ...generous, idle: 500 });
  const [silent, asking] = [await door.dial(), await door.dial()];
  door.connections.asked(asking.socket!);
  await once(silent.client, "close");
  assert.equal(asking.client.closed, false);
  door.connections.answered(asking.socket!);
  await once(asking.client, "close");
});

test("only so many requests of one connection wait", async () => {
  using door = await watched("pipelined", generous);
  const { socket } = await door.dial();
  assert.deepEqual(
    [1, 2, 3].map(() => door.connections.asked(socket!)),
    [true, true, false],
  );
});

test("requests are taken at a rate, after a burst of a second's", () => {
  let now = 0;
  const rate = new Rate(10, () => now);
  const taken = () => Array.from({ length: 20 }, () => rate.take()).filter(Boolean).length;
  assert.equal(taken(), 10);
  assert.equal(taken(), 0);
  now += 500;
  assert.equal(taken(), 5);
  now += 60_000;
  assert.equal(taken(), 10);
});
