/** What a shim must bear: clients that vanish at any moment, and bytes that are no frames. Seeds are fixed. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { u32 } from "../program/argument.ts";
import { ShimClient } from "./client.ts";
import { collect, executeIn, launch, random } from "./testbed/launch.ts";
import { shimFrame } from "./wire.ts";

const everything = { stdin: true, stdout: true, stderr: true };

test("clients that are killed at any moment leave the process and each other alone", async () => {
  using shell = await launch("while read line; do echo $line; seq 1 2000; done; exit 8", {
    stdinOnce: false,
  });
  const next = random(20261);
  await Promise.all(
    Array.from({ length: 60 }, async () => {
      await sleep(next(300));
      const client = await ShimClient.connect(shell.socket);
      client.attach({ stdin: true, stdout: true }).catch(() => {});
      client.write(Buffer.alloc(next(30_000), "x\n")).catch(() => {});
      if (next(2)) collect(client).catch(() => {});
      await sleep(next(40));
      client.close();
    }),
  );
  const survivor = await ShimClient.connect(shell.socket);
  await survivor.signal(9);
  assert.equal((await survivor.wait()).code, 137);
});

test("an owner killed at any moment of the launch leaves a process that ends by itself, or none", async () => {
  const next = random(7);
  for (let i = 0; i < 20; i++) {
    using shell = await launch("seq 1 3000; exit 2", { attach: everything });
    const watcher = ShimClient.connect(shell.socket).catch(() => undefined);
    await sleep(next(4));
    shell.client.close();
    const exit = await (await watcher)?.wait().catch(() => undefined);
    if (exit) assert.equal(exit.code, 2);
  }
});

test("clients of executed commands killed at any moment leave the shim as it was", async () => {
  using shell = await launch("read go; exit 8", { attach: everything });
  const next = random(99);
  await Promise.all(
    Array.from({ length: 20 }, async () => {
      const command = await executeIn(shell.socket, "seq 1 20000", { attach: everything });
      await sleep(next(10));
      command.close();
    }),
  );
  await shell.client.write(Buffer.from("go\n"));
  assert.equal((await shell.client.wait()).code, 8);
});

test("a client that sends what is no request is dropped, and only that one", async () => {
  using shell = await launch("read go; exit 8", { attach: everything });
  const frames: readonly (readonly [string, Buffer])[] = [
    ["an unknown type", u32(999, 0) as Buffer],
    ["a type of ours", u32(shimFrame.exited, 0) as Buffer],
    ["stdin without being attached", Buffer.concat([u32(shimFrame.stdin, 1), Buffer.from("x")])],
    ["more stdin than fits", u32(shimFrame.stdin, 0xffffffff) as Buffer],
    ["a request that is too long", u32(shimFrame.signal, 0xffffffff) as Buffer],
    ["a request that is too short", u32(shimFrame.resize, 4, 0) as Buffer],
    ["detach by who does not own", u32(shimFrame.detach, 0) as Buffer],
    ["settled by who does not own", u32(shimFrame.settled, 0) as Buffer],
  ];
  for (const [what, bytes] of frames) {
    const socket = await connected(shell.socket);
    const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()).resume());
    socket.on("error", () => {});
    socket.write(bytes);
    assert.equal(await Promise.race([closed.then(() => "dropped"), sleep(2_000, "kept")]), "dropped", what);
  }
  await shell.client.write(Buffer.from("go\n"));
  assert.equal((await shell.client.wait()).code, 8);
});

test("random frames and random bytes do not bring a shim down", async () => {
  const next = random(4711);
  using shell = await launch("trap '' TERM; cat >/dev/null; exit 8", { attach: everything, stdinOnce: true });
  const types = [...Object.values(shimFrame), 32, 0, 41, 0x80000000];
  for (let round = 0; round < 300; round++) {
    const socket = await connected(shell.socket);
    socket.on("error", () => {});
    for (let i = next(8); i >= 0; i--) {
      const length = [0, 4, 8, next(64), next(20_000)][next(5)]!;
      const type = types[next(types.length)]!;
      // Signals that end the process would end the test, so the body is one that it ignores.
      const body = type === shimFrame.signal ? u32(15, 15) : Buffer.alloc(length);
      const bytes = Buffer.concat([u32(type, next(4) ? body.length : length), body]);
      for (let at = 0; at < Math.min(bytes.length, 64); at++)
        if (type !== shimFrame.signal && at >= 8) bytes[at] = next(256);
      socket.write(bytes.subarray(0, next(3) ? bytes.length : next(bytes.length + 1)));
    }
    if (next(2)) await sleep(0);
    if (next(2)) socket.destroy();
    else socket.end();
  }
  await shell.client.closeStdin();
  assert.equal((await shell.client.wait()).code, 8);
});

test("an executor that is sent a random segment ends alone", async () => {
  const next = random(12345);
  using shell = await launch("read go; exit 8", { attach: everything });
  for (let round = 0; round < 60; round++) {
    const socket = await connected(shell.socket);
    socket.on("error", () => {});
    const body = Buffer.alloc(next(400));
    for (let at = 0; at < body.length; at++) body[at] = next(256);
    if (body.length >= 40)
      Buffer.concat([u32(0x47495242, 1, 1, next(3), next(3), next(3), next(100), next(1000))]).copy(body);
    socket.write(Buffer.concat([u32(32, body.length), body]));
    await new Promise<void>((resolve) => {
      socket.on("close", () => resolve());
      socket.resume();
      socket.end();
    });
  }
  await shell.client.write(Buffer.from("go\n"));
  assert.equal((await shell.client.wait()).code, 8);
});

async function connected(path: string): Promise<Socket> {
  const socket = connect({ path });
  await once(socket, "connect");
  return socket;
}
