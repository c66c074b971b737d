/** A container's place in the network: its modes, its files, its ports from every side. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import { hostname } from "node:os";
import { after, before, test } from "node:test";
import { image, ownBrig, until } from "../cli/brig.ts";
import { assertSameHost, type HostState, hostState } from "../fixtures/leaks.ts";

const { brig, about, end } = ownBrig();
let host: HostState;

before(async () => {
  host = hostState({ about });
  await brig("run", "--rm", image, "true");
});
after(end);

async function inside(options: readonly string[], script: string): Promise<string> {
  const { code, stdout, stderr } = await brig("run", "--rm", ...options, image, "sh", "-c", script);
  assert.deepEqual([code, stderr], [0, ""]);
  return stdout;
}

test("on the bridge a container has an address of its own, and files that say so", async () => {
  const script =
    "ip -o -4 addr show eth0 | awk '{print $4}'; tail -1 /etc/hosts; cat /etc/hostname; grep -c nameserver /etc/resolv.conf";
  const options = ["--hostname", "box", "--dns", "192.0.2.53", "--add-host", "friend:192.0.2.7"];
  const [address, ...files] = (await inside(options, script)).trim().split("\n");
  assert.match(address!, /^\d+\.\d+\.\d+\.\d+\/\d+$/);
  assert.deepEqual(files.slice(1), ["box", "1"]);
  const hosts = await inside(options, "cat /etc/hosts");
  assert.match(hosts, /^192\.0\.2\.7\s+friend$/m);
  assert.match(hosts, /^\d+\.\d+\.\d+\.\d+\s+box$/m);
});

test("without a network there is the loopback alone, and with the host's there is all", async () => {
  assert.match(await inside(["--network", "none"], "ip -o link | wc -l"), /^1\n$/);
  assert.equal(await inside(["--network", "host"], "hostname"), `${hostname()}\n`);
});

test("a container joins the network of another one, while that runs", async () => {
  await brig("run", "-d", "--name", "first", image, "sleep", "100");
  const look = "ip -o -4 addr show eth0 | awk '{print $4}'";
  const own = (await brig("exec", "first", "sh", "-c", look)).stdout;
  assert.equal(await inside(["--network", "container:first"], look), own);
  await brig("stop", "-t", "0", "first");
  const late = await brig("run", "--rm", "--network", "container:first", image, "true");
  assert.equal(late.code, 125);
  assert.match(late.stderr, /cannot join network of a non running container/);
  await brig("rm", "first");
});

const files =
  "cat /etc/hosts /etc/hostname /etc/resolv.conf; hostname; cat /proc/sys/kernel/domainname; echo $HOSTNAME";

test("a container that joins the network of another one has its name and its files, in a UTS namespace of its own", async () => {
  const options = ["--hostname", "box", "--domainname", "example", "--dns", "192.0.2.53"];
  await brig(
    "run",
    "-d",
    "--name",
    "first",
    ...options,
    "--add-host",
    "friend:192.0.2.7",
    image,
    "sleep",
    "100",
  );
  const told = (await brig("exec", "first", "sh", "-c", files)).stdout;
  assert.match(told, /^192\.0\.2\.7\s+friend$/m);
  assert.match(told, /^box\nnameserver 192\.0\.2\.53\nbox\nexample\nbox\n$/m);
  await brig("run", "-d", "--name", "second", "--network", "container:first", image, "sleep", "100");
  assert.equal((await brig("exec", "second", "sh", "-c", files)).stdout, told);
  assert.equal(await inside(["--network", "container:second"], files), told);
  // The very files, not copies.
  await inside(["--network", "container:second"], "echo 192.0.2.8 late >> /etc/hosts");
  assert.match((await brig("exec", "first", "tail", "-1", "/etc/hosts")).stdout, /^192\.0\.2\.8 late$/m);
  const uts = async (name: string) => (await brig("exec", name, "readlink", "/proc/self/ns/uts")).stdout;
  assert.notEqual(await uts("first"), await uts("second"));
  const paths =
    "{{.Config.Hostname}} {{.Config.Domainname}} {{.HostsPath}} {{.HostnamePath}} {{.ResolvConfPath}}";
  const [one, two] = (await brig("inspect", "-f", paths, "first", "second")).stdout.trim().split("\n");
  assert.equal(one, two);
  // What is given up on the one side goes on on the other.
  await brig("stop", "-t", "0", "first");
  assert.equal((await brig("exec", "second", "hostname")).stdout, "box\n");
  await brig("rm", "first");
  assert.equal((await brig("exec", "second", "hostname")).stdout, "box\n");
  const late = await brig("run", "--rm", "--network", "container:second", image, "true");
  assert.deepEqual([late.code, late.stdout], [125, ""]);
  await brig("rm", "-f", "second");
});

test("what another container's network makes ineffective is told", async () => {
  await brig("run", "-d", "--name", "first", image, "sleep", "100");
  const { code, stderr } = await brig(
    "run",
    "--rm",
    "--network",
    "container:first",
    "--dns-search",
    "a",
    image,
    "true",
  );
  assert.equal(code, 0);
  assert.match(stderr, /^WARNING: --dns-search has no effect with --network container:first: /);
  await brig("rm", "-f", "first");
});

test("a read-only root makes the network's files read-only, too", async () => {
  const { code, stderr } = await brig(
    "run",
    "--rm",
    "--read-only",
    image,
    "sh",
    "-c",
    "echo x >> /etc/hosts",
  );
  assert.equal(code, 1);
  assert.match(stderr, /Read-only file system/);
});

const port = 18431;
const serve = "while :; do echo pong | nc -l -p 80 >/dev/null; done";

test("a published port is reached from the host, from a neighbour and from the container itself", async () => {
  await brig("run", "-d", "--name", "server", "-p", `${port}:80`, image, "sh", "-c", serve);
  const gateway = (await inside([], "ip route | awk '/default/ {print $3}'")).trim();
  const call = `nc -w 1 ${gateway} ${port} </dev/null`;
  await until(
    async () =>
      (await inside(["--network", "host"], `nc -w 1 127.0.0.1 ${port} </dev/null || true`)) === "pong\n",
    "it answers the host",
  );
  await until(async () => (await inside([], `${call} || true`)) === "pong\n", "it answers a neighbour");
  await until(
    async () => (await brig("exec", "server", "sh", "-c", call)).stdout === "pong\n",
    "it answers itself",
  );
  await brig("rm", "-f", "server");
});

test("a published UDP port is reached, too", async () => {
  await brig("run", "-d", "--name", "echo", "-p", `${port}:53/udp`, image, "sleep", "100");
  const pid = (await brig("inspect", "-f", "{{.State.Pid}}", "echo")).stdout.trim();
  // The image has no program that answers to datagrams: this Node does, in the container's network.
  const answer =
    "const s = require('dgram').createSocket('udp4'); s.on('message', (m, { port, address }) => s.send(m, port, address)).bind(53)";
  const server = spawn("nsenter", ["-t", pid, "-n", process.execPath, "-e", answer], { stdio: "ignore" });
  const socket = createSocket("udp4");
  try {
    let got = "";
    socket.on("message", (message) => {
      got = String(message);
    });
    await until(() => {
      socket.send("ping", port, "127.0.0.1");
      return got === "ping";
    }, "the datagram comes back");
  } finally {
    socket.close();
    server.kill();
    await brig("rm", "-f", "echo");
  }
});

test("a port that nobody asked for by number is one that no other program has", async () => {
  const publish = (name: string) =>
    brig("run", "-d", "--name", name, "-p", "127.0.0.1::80", image, "sleep", "100");
  const portOf = async (name: string) => Number((await brig("port", name, "80")).stdout.match(/:(\d+)/)![1]);
  assert.equal((await publish("first")).code, 0);
  const taken = await portOf("first");
  await brig("rm", "-f", "first");
  const server = createServer().listen(taken, "127.0.0.1");
  await once(server, "listening");
  const second = await publish("second");
  assert.equal(second.code, 0, second.stderr);
  assert.notEqual(await portOf("second"), taken);
  server.close();
  await brig("rm", "-f", "second");
});

test("a port that is in use is refused, by whoever it is used, and nothing stays", async () => {
  const server = createServer().listen(port, "0.0.0.0");
  await once(server, "listening");
  const used = await brig("run", "--rm", "-p", `${port}:80`, image, "true");
  assert.equal(used.code, 125);
  assert.match(used.stderr, new RegExp(`cannot bind host port 0.0.0.0:${port}/tcp: address already in use`));
  server.close();
  await brig("run", "-d", "--name", "holder", "-p", `${port}:80`, image, "sleep", "100");
  const taken = await brig("run", "--rm", "-p", `${port}:80`, image, "true");
  assert.equal(taken.code, 125);
  assert.match(taken.stderr, new RegExp(`Bind for 0.0.0.0:${port} failed: port is already allocated`));
  await brig("stop", "-t", "0", "holder");
  assert.equal((await brig("run", "--rm", "-p", `${port}:80`, image, "true")).code, 0);
  await brig("rm", "holder");
});

test("the host is as it was before the first run", async () => {
  assert.equal((await brig("ps", "-aq")).stdout, "");
  await brig("system", "release");
  await assertSameHost(host, { about });
});
