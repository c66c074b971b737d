/**
 * What a channel does, whichever runtime makes it: each promise is an assertion on real processes and sockets. Run as
 * a program it holds the channel of the runtime that runs it to them.
 */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { channel } from "./channel.ts";
import type { Channel, Child, ChildOptions, Connection } from "./connection.ts";

export const promises: Readonly<Record<string, (channel: Channel) => Promise<void>>> = {
  async "what is written arrives in order, and so does what comes back"({ start }) {
    const child = start(shell("exec cat <&3 >&3"));
    const heard = hear(child.connection);
    const sent = Buffer.alloc(3_000_000, "0123456789abcdefghi");
    for (let at = 0; at < sent.length; at += 70_001)
      await child.connection.write(sent.subarray(at, at + 70_001));
    await until(() => heard.size() === sent.length);
    assert.ok(heard.bytes().equals(sent));
    child.connection.end();
    await child.awaitEnd();
    assert.ok(child.ended());
  },

  async "end closes when all has been written"({ start }) {
    const child = start(shell("sleep 0.2; test $(wc -c <&3) = 1000000"));
    child.connection.write(Buffer.alloc(1_000_000));
    child.connection.end();
    const { connection } = child;
    const heard = hear(connection);
    await heard.ended;
    await child.awaitEnd();
  },

  async "a writer waits for a reader that does not read, and not for one that has gone"({ start }) {
    const child = start(shell("exec sleep 60"));
    const heard = hear(child.connection);
    const waiting = child.connection.write(Buffer.alloc(8_000_000));
    assert.ok(waiting);
    const early = await Promise.race([waiting.then(() => "written"), pass(100).then(() => "waiting")]);
    assert.equal(early, "waiting");
    child.kill("SIGKILL");
    await waiting;
    await heard.ended;
    assert.equal(child.connection.write(Buffer.from("more")), undefined);
    await child.awaitEnd();
  },

  async "a paused connection keeps the writer waiting and loses nothing"({ start }) {
    // A little, and the rest when it has surely been paused for.
    const child = start(shell("printf x >&3; sleep 0.5; head -c 5000000 /dev/zero >&3"));
    const heard = hear(child.connection);
    await until(() => heard.size() > 0);
    child.connection.pause();
    await pass(700);
    const { length } = heard.bytes();
    await pass(100);
    assert.equal(heard.bytes().length, length);
    assert.ok(!child.ended(), "the writer has not waited");
    child.connection.resume();
    await heard.ended;
    assert.equal(heard.size(), 5_000_001);
    await child.awaitEnd();
  },

  async "the end of a child is told once, and after its last bytes"({ start }) {
    const child = start(shell("printf last >&3"));
    const heard = hear(child.connection);
    await heard.ended;
    await child.awaitEnd();
    await pass(20);
    assert.deepEqual([heard.bytes().toString(), heard.ends()], ["last", 1]);
  },

  async "destroy closes at once"({ start }) {
    const child = start(shell("cat <&3; sleep 0.1"));
    const heard = hear(child.connection);
    child.connection.destroy();
    await heard.ended;
    await child.awaitEnd();
    assert.equal(heard.ends(), 1);
  },

  async "a child has the arguments and the folder that it was given, and an empty environment"({ start }) {
    const child = start({ ...shell("pwd >&3; echo $0 >&3; env >&3"), directory: "/usr" });
    const heard = hear(child.connection);
    await heard.ended;
    const [folder, name, ...rest] = heard.bytes().toString().split("\n");
    assert.deepEqual([folder, name], ["/usr", "contract"]);
    assert.deepEqual(
      rest.filter((line) => line !== "" && !/^(?:PWD=.*|_=.*|SHLVL=.*|OLDPWD=.*)$/.test(line)),
      [],
    );
    await child.awaitEnd();
  },

  async "a detached child leads a session of its own"({ start }) {
    const child = start({ ...shell("cut -d' ' -f6 /proc/$$/stat >&3"), detached: true });
    const heard = hear(child.connection);
    await heard.ended;
    assert.equal(Number(heard.bytes().toString()), child.pid);
    await child.awaitEnd();
  },

  async "a program that does not exist is an error at once"({ start }) {
    let child: Child | undefined;
    assert.throws(() => {
      child = start({ ...shell(""), program: "/no/such/program" });
    });
    assert.equal(child, undefined);
  },

  async "a socket in the file system is connected to; one without a listener is not"({ connect, start }) {
    const folder = mkdtempSync(join(tmpdir(), "brig-channel-"));
    try {
      await assert.rejects(connect(join(folder, "socket")));
      const server = await listening(join(folder, "socket"));
      const connection = await connect(join(folder, "socket"));
      const heard = hear(connection);
      await connection.write(Buffer.from("hello"));
      await until(() => heard.bytes().toString() === "HELLO");
      server.close();
      await heard.ended;
      assert.equal(heard.ends(), 1);
      assert.equal(typeof start, "function");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

function shell(script: string): ChildOptions {
  return {
    program: "/bin/sh",
    args: ["-c", script, "contract"],
    name: "sh",
    stdio: ["ignore", "ignore", "ignore"],
    directory: "/",
    detached: false,
  };
}

function hear(connection: Connection) {
  const chunks: Buffer[] = [];
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  let ends = 0;
  connection.listen({
    data: (bytes) => chunks.push(bytes),
    end: () => {
      ends++;
      resolve();
    },
  });
  return {
    ended,
    ends: () => ends,
    bytes: () => Buffer.concat(chunks),
    size: () => chunks.reduce((sum, { length }) => sum + length, 0),
  };
}

/** Answers in capitals. */
async function listening(path: string): Promise<{ close(): void }> {
  const { createServer } = await import("node:net");
  const sockets: { destroy(): void }[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("data", (bytes) => socket.write(bytes.toString().toUpperCase()));
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    close() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

const pass = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

async function until(holds: () => boolean): Promise<void> {
  for (const end = performance.now() + 20_000; !holds(); await pass(5))
    if (performance.now() > end) throw new Error("not within 20 s");
}

if (process.argv[2] === "hold") {
  for (const [title, holds] of Object.entries(promises)) {
    await holds(channel);
    console.log(`held: ${title}`);
  }
  process.exit();
}
