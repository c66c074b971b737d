/** Debian's dbus-daemon holds us to the wire format: it breaks the connection for a byte that is not as it should be. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Bus } from "./bus.ts";
import type { Message } from "./message.ts";
import { type Value, variant } from "./type.ts";

const folder = mkdtempSync(join(tmpdir(), "brig-bus-"));
const socket = join(folder, "bus");
const uid = process.getuid!();
let daemon: ChildProcess;

before(async () => {
  const config = join(folder, "bus.conf");
  writeFileSync(
    config,
    `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
      "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
    <busconfig><listen>unix:path=${socket}</listen><auth>EXTERNAL</auth>
    <policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`,
  );
  daemon = spawn("dbus-daemon", ["--nofork", "--nopidfile", "--print-address", `--config-file=${config}`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(daemon.stdout!, "data");
});

after(() => {
  daemon.kill();
  rmSync(folder, { recursive: true });
});

const driver = {
  destination: "org.freedesktop.DBus",
  path: "/org/freedesktop/DBus",
  interface: "org.freedesktop.DBus",
} as const;

test("a bus takes us in, answers calls, and tells what it refuses by name", async () => {
  using bus = await Bus.open(socket, uid);
  const [name] = await bus.call({ ...driver, member: "Hello" });
  assert.match(name as string, /^:1\.\d+$/);
  const owner = { ...driver, member: "GetNameOwner", signature: "s", body: ["org.example.Nobody"] };
  const answers = await Promise.allSettled([
    bus.call({ ...driver, member: "GetId" }),
    bus.call(owner),
    bus.call({ ...driver, member: "NameHasOwner", signature: "s", body: [name!] }),
  ]);
  assert.match((answers[0] as PromiseFulfilledResult<readonly string[]>).value[0]!, /^[0-9a-f]{32}$/);
  const { reason } = answers[1] as PromiseRejectedResult;
  assert.equal(reason.code, "org.freedesktop.DBus.Error.NameHasNoOwner");
  assert.deepEqual((answers[2] as PromiseFulfilledResult<readonly Value[]>).value, [true]);
});

test("values of every type reach another client as they were", async () => {
  using sender = await Bus.open(socket, uid);
  await sender.call({ ...driver, member: "Hello" });
  using receiver = await Bus.open(socket, uid);
  const [receiverName] = await receiver.call({ ...driver, member: "Hello" });
  const received = Promise.withResolvers<Message>();
  const signature = "ynqiuxtdbsogaya(sv)a{su}ua(sa(sv))v";
  const body: readonly Value[] = [
    ...[200, -2, 60000, -3, 4_000_000_000, -5n, 2n ** 64n - 1n, 0.25, true],
    ...["täxt", "/a/b", "a(sv)", [1, 0, 255]],
    [
      ["MemoryMax", variant("t", 1n)],
      ["DeviceAllow", variant("a(ss)", [["/dev/null", "rw"]])],
    ],
    [["key", 9]],
    7,
    [],
    variant("as", []),
  ];
  // The bus hands on a call as it came, after it has looked at every byte of it.
  receiver.onMessage = (message) => message.member === "Take" && received.resolve(message);
  const call = { path: "/x", interface: "org.example.X", member: "Take", signature, body };
  const asked = sender.call({ destination: receiverName as string, ...call }, 1000);
  const message = await received.promise;
  assert.deepEqual([message.signature, message.body], [signature, body]);
  await assert.rejects(asked, /cannot speak D-Bus: Take is not answered after 1 s/);
});

test("signals arrive in their order, for whom they are meant", async () => {
  using bus = await Bus.open(socket, uid);
  const seen: (string | undefined)[] = [];
  bus.onMessage = ({ member }) => seen.push(member);
  await bus.call({ ...driver, member: "Hello" });
  for (const member of ["RequestName", "ReleaseName"])
    await bus.call({
      ...driver,
      member,
      signature: member === "RequestName" ? "su" : "s",
      body: member === "RequestName" ? ["org.example.Us", 0] : ["org.example.Us"],
    });
  assert.deepEqual(seen, ["NameAcquired", "NameAcquired", "NameLost"]);
});

test("a server that refuses us, or is none, is told", async () => {
  await assert.rejects(Bus.open(socket, uid + 1), /cannot speak D-Bus: it refuses us: REJECTED/);
  await assert.rejects(Bus.open(join(folder, "nobody"), uid));
  const path = join(folder, "other");
  for (const [answer, expected] of [
    ["HTTP/1.1 400\r\n", /it refuses us: HTTP/],
    ["x".repeat(5000), /does not speak D-Bus/],
    ["", /closed the connection/],
  ] as const) {
    const server = createServer((client: Socket) =>
      client
        .on("error", () => {})
        .resume()
        .end(answer),
    ).listen(path);
    await once(server, "listening");
    await assert.rejects(Bus.open(path, uid), expected);
    server.close();
    await once(server, "close");
  }
});

test("whoever waits for an answer when the bus goes away is told", async () => {
  using bus = await Bus.open(socket, uid);
  await bus.call({ ...driver, member: "Hello" });
  const waiting = bus.call({ ...driver, path: "/", member: "Monitor", interface: "org.example.None" });
  bus[Symbol.dispose]();
  await assert.rejects(waiting, /cannot speak D-Bus: we closed the connection/);
  await assert.rejects(bus.call({ ...driver, member: "GetId" }), /we closed the connection/);
});
