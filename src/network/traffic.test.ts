/**
 * Packets through a bridge network, as a user sees them: who reaches whom, by which address, and what does not.
 *
 *   lan 192.0.2.9 ──── 192.0.2.1 host ──┬── brig0 172.30.0.1 ── web (.2), client (.3)
 *                                       └── brig1 172.29.0.1 ── other (.2)
 */

import assert from "node:assert/strict";
import { once } from "node:events";
import { release } from "node:os";
import { after, before, test } from "node:test";
import { kernelVersion } from "../kernel/host.ts";
import { addAddress } from "../kernel/netlink/address.ts";
import { ip, prefix } from "../kernel/netlink/ip.ts";
import { newLink, setLink } from "../kernel/netlink/link.ts";
import { addRoute, defaultRoute } from "../kernel/netlink/route.ts";
import { NetworkNamespace, Sender } from "../kernel/netlink/testbed/namespace.ts";
import { bridge } from "./bridge/driver.ts";
import type { Endpoint } from "./endpoint.ts";
import { newEndpoint } from "./endpoint.ts";
import type { PublishedPort } from "./ports/port.ts";
import { perform } from "./testbed/perform.ts";

const slot = 30;
const kernel = kernelVersion(release());
const atLeast = (major: number, minor: number) =>
  kernel[0] > major || (kernel[0] === major && kernel[1] >= minor);
const tcp = { protocol: "tcp", hostIp: "", hostPort: 8080, containerPort: 80 } as const;
const published: readonly PublishedPort[] = [
  tcp,
  { protocol: "udp", hostIp: "0.0.0.0", hostPort: 5353, containerPort: 53 },
  { ...tcp, hostIp: "127.0.0.1", hostPort: 8081 },
  { ...tcp, hostIp: "192.0.2.1", hostPort: 8082 },
];
const brig0 = bridge.config({
  link: { name: "brig0", index: 1000 },
  table: "brig",
  subnet: "172.30.0.0/16",
});
const brig1 = bridge.config({
  link: { name: "brig1", index: 1001 },
  table: "brig",
  subnet: "172.29.0.0/16",
  internal: true,
});

let sender: Sender;
const spaces: Record<"lan" | "host" | "web" | "client" | "other", NetworkNamespace> = {} as never;
const endpoints: Record<string, Endpoint> = {};

before(async () => {
  sender = new Sender();
  for (const name of ["lan", "host", "web", "client", "other"] as const)
    spaces[name] = await NetworkNamespace.create();
  const { lan, host } = spaces;
  const wire = newLink(
    { name: "eth0", index: 50 },
    { kind: "veth", peer: { name: "eth0", index: 50, namespaceFd: slot } },
  );
  host.sendAll(
    [
      setLink({ name: "lo" }, { up: true }),
      wire,
      setLink({ index: 50 }, { up: true }),
      addAddress({ address: prefix("192.0.2.1/24"), linkIndex: 50 }),
    ],
    sender,
    { [slot]: lan },
  );
  lan.sendAll(
    [
      setLink({ name: "lo" }, { up: true }),
      setLink({ index: 50 }, { up: true }),
      addAddress({ address: prefix("192.0.2.9/24"), linkIndex: 50 }),
      // A hostile neighbour: it routes into the container network, and to 127.0.0.1, over the host.
      addRoute(defaultRoute(ip("192.0.2.1"), 50)),
    ],
    sender,
  );
  // Also a second time: the engine repeats it after somebody flushed the firewall.
  for (let i = 0; i < 2; i++)
    for (const config of [brig0, brig1]) perform(bridge.setup.network(config), { sender, host });
  connect("web", brig0, "172.30.0.2", published);
  connect("client", brig0, "172.30.0.3", []);
  connect("other", brig1, "172.29.0.2", []);
  for (const name of ["lan", "host", "web", "other"] as const) await serve(spaces[name]);
});

after(() => {
  for (const space of Object.values(spaces)) space[Symbol.dispose]();
  sender[Symbol.dispose]();
});

function connect(
  name: "web" | "client" | "other",
  config: typeof brig0,
  address: string,
  ports: readonly PublishedPort[],
) {
  const subnet = prefix(config.ipv4.subnet);
  const endpoint = newEndpoint(
    { address: ip(address), subnet, position: 0, defaultRoute: true, ports },
    (size) => crypto.getRandomValues(new Uint8Array(size)),
  );
  endpoints[name] = endpoint;
  const bridgeNetfilter = readBridgeNetfilter() === "1";
  const steps = bridge.setup.endpoint(config, endpoint, { namespaceFd: slot, bridgeNetfilter });
  perform(steps, { sender, host: spaces.host, container: spaces[name], namespaceFd: slot });
}

const netfilterSwitch = "/proc/sys/net/bridge/bridge-nf-call-iptables";
const readBridgeNetfilter = (): string =>
  spaces.host.run("sh", "-c", `cat ${netfilterSwitch} 2>/dev/null || true`).trim();

/** Answers on TCP 80 and UDP 53 with the caller's address. */
async function serve(space: NetworkNamespace): Promise<void> {
  const program = `
    const udp = require("node:dgram").createSocket("udp4");
    udp.on("message", (_, from) => udp.send(from.address, from.port, from.address));
    udp.bind(53, () => require("node:net").createServer((c) => c.end(c.remoteAddress)).listen(80, "0.0.0.0", () => console.log("up")));
    process.stdin.on("end", () => process.exit()).resume();`;
  await once(space.start(process.execPath, "-e", program).stdout!, "data");
}

/** Half a second, or more on a machine that is called that much slower. */
const patience = 500 * Math.min(Number(process.env.BRIG_TEST_PATIENCE ?? 1), 4);

/** The address the server saw, or what went wrong within our patience. */
function call(
  from: NetworkNamespace,
  address: string,
  port: number,
  protocol: "tcp" | "udp" = "tcp",
  local = 0,
): string {
  const program = `
    const done = (text) => { console.log(text); process.exit(); };
    setTimeout(done, ${patience}, "timeout");
    const [, protocol, address, port, local] = process.argv;
    if (protocol === "tcp") {
      const c = require("node:net").connect({ host: address, port: Number(port) });
      c.on("data", (d) => done(String(d))).on("error", (e) => done(e.code)).on("end", () => done("closed"));
    } else {
      const s = require("node:dgram").createSocket("udp4");
      s.on("message", (d) => done(String(d))).on("error", (e) => done(e.code));
      s.bind(Number(local), () => s.connect(Number(port), address, () => s.send("?", (e) => e && done(e.code))));
    }`;
  return from.run(process.execPath, "-e", program, protocol, address, String(port), String(local)).trim();
}

const modes = ["1", "0"] as const;
for (const mode of modes) {
  test(`with bridge-nf-call-iptables ${mode}`, async (t) => {
    if (readBridgeNetfilter() === "" && mode === "1") return t.skip("the kernel has no br_netfilter");
    if (readBridgeNetfilter() !== "") spaces.host.run("sh", "-c", `echo ${mode} > ${netfilterSwitch}`);
    await scenarios(t);
  });
}

const refused = "ECONNREFUSED";

async function scenarios(t: { test(name: string, body: () => void): Promise<void> }): Promise<void> {
  const { lan, host, web, client, other } = spaces;
  const reached = (
    title: string,
    expected: string,
    from: NetworkNamespace,
    address: string,
    port: number,
    udp = false,
  ) => t.test(title, () => assert.equal(call(from, address, port, udp ? "udp" : "tcp"), expected));

  await reached(
    "a neighbour reaches a published port and its address is kept",
    "192.0.2.9",
    lan,
    "192.0.2.1",
    8080,
  );
  await reached("so over UDP", "192.0.2.9", lan, "192.0.2.1", 5353, true);
  await reached(
    "a port published on one address is reached by that address",
    "192.0.2.9",
    lan,
    "192.0.2.1",
    8082,
  );
  await reached(
    "the host reaches a published port by its own address, which is kept",
    "192.0.2.1",
    host,
    "192.0.2.1",
    8080,
  );
  await reached("the host reaches a published port on 127.0.0.1", "172.30.0.1", host, "127.0.0.1", 8080);
  await reached("so over UDP", "172.30.0.1", host, "127.0.0.1", 5353, true);
  await reached("and on another address of the loopback", "172.30.0.1", host, "127.1.2.3", 8080);
  await reached("a port published on 127.0.0.1 is reached there", "172.30.0.1", host, "127.0.0.1", 8081);
  await reached("but not by another address of the host", refused, host, "192.0.2.1", 8081);
  await reached("and not from outside", refused, lan, "192.0.2.1", 8081);
  await reached(
    "a port published on the host's address is not on its loopback",
    refused,
    host,
    "127.0.0.1",
    8082,
  );
  await reached("a container reaches the world with the host's address", "192.0.2.1", web, "192.0.2.9", 80);
  await reached(
    "containers of one network reach each other directly",
    "172.30.0.3",
    client,
    "172.30.0.2",
    80,
  );
  await reached(
    "a container reaches a published port of its network by the host's address",
    "172.30.0.1",
    client,
    "192.0.2.1",
    8080,
  );
  await reached("and by the gateway's", "172.30.0.1", client, "172.30.0.1", 8080);
  await reached("a container reaches its own published port", "172.30.0.1", web, "192.0.2.1", 8080);
  await reached("the host reaches a container directly", "172.30.0.1", host, "172.30.0.2", 80);
  await reached("a port that is not published is closed to neighbours", "timeout", lan, "172.30.0.2", 80);
  await reached("an internal network has no way out", "ENETUNREACH", other, "192.0.2.9", 80);
  await reached("networks do not reach each other", "timeout", client, "172.29.0.2", 80);

  for (const [name, from, open, seen] of [
    ["containers do not reach the host's loopback", client, "flush chain ip brig guard", "172.30.0.3"],
    [
      "neighbours do not reach published ports on it",
      lan,
      `insert rule ip brig prerouting ${unguarded}`,
      "192.0.2.9",
    ],
  ] as const) {
    await t.test(name, () => {
      const port = from === lan ? 8080 : 80;
      from.run("sh", "-c", "echo 1 > /proc/sys/net/ipv4/conf/eth0/route_localnet");
      from.run(
        "ip",
        "route",
        "replace",
        "127.0.0.0/8",
        "via",
        from === lan ? "192.0.2.1" : "172.30.0.1",
        "table",
        "local",
      );
      assert.equal(call(from, "127.1.2.3", port), "timeout");
      // Without the rule that prevents it they would.
      host.run("nft", open);
      assert.equal(call(from, "127.1.2.3", port), seen);
      perform(bridge.setup.network(brig0), { sender, host });
    });
  }
}

const unguarded = "fib daddr type local dnat ip to meta l4proto . th dport map @ports";

test("a port is published on a running container and taken back", () => {
  const { host, lan } = spaces;
  const more = { ...endpoints.web!, ports: [{ ...tcp, hostPort: 9090 }] };
  perform(bridge.setup.ports(brig0, more), { sender, host });
  assert.equal(call(lan, "192.0.2.1", 9090), "192.0.2.9");
  perform(bridge.teardown.ports(brig0, more), { sender, host });
  assert.equal(call(lan, "192.0.2.1", 9090), refused);
  assert.equal(call(lan, "192.0.2.1", 8080), "192.0.2.9");
});

test("a host firewall that drops what it forwards closes published ports as well", () => {
  const { host, lan } = spaces;
  host.run(
    "nft",
    "add table ip strict; add chain ip strict f { type filter hook forward priority 10; policy drop; }",
  );
  assert.equal(call(lan, "192.0.2.1", 8080), "timeout");
  host.run(
    "nft",
    "add rule ip strict f meta l4proto tcp ct original proto-dst 8080 accept; add rule ip strict f ct state established accept",
  );
  assert.equal(call(lan, "192.0.2.1", 8080), "192.0.2.9");
  host.run("nft", "delete table ip strict");
});

test("a UDP client that keeps sending reaches the container that has the port now", {
  skip: atLeast(6, 9) ? false : "connections are forgotten by part of a tuple since Linux 6.9",
}, () => {
  const { host, lan } = spaces;
  const dns: PublishedPort = { protocol: "udp", hostIp: "", hostPort: 1053, containerPort: 53 };
  const old = { ...endpoints.client!, ports: [dns] };
  const now = { ...endpoints.web!, ports: [dns] };
  const send = () => call(lan, "192.0.2.1", 1053, "udp", 4444);
  perform(bridge.setup.ports(brig0, old), { sender, host });
  assert.equal(send(), refused); // nobody listens there
  perform(bridge.teardown.ports(brig0, old), { sender, host });
  perform(bridge.setup.ports(brig0, now), { sender, host });
  assert.equal(send(), "192.0.2.9");
  perform(bridge.teardown.ports(brig0, now), { sender, host });
});

test("teardown leaves the bridge's names in no set, and no bridge", () => {
  const { host } = spaces;
  perform(bridge.teardown.endpoint(brig0, endpoints.web), { sender, host });
  for (const config of [brig0, brig1, brig1]) perform(bridge.teardown.network(config), { sender, host });
  assert.doesNotMatch(host.run("nft", "list", "ruleset"), /elements|"brig/);
  assert.doesNotMatch(host.run("ip", "-o", "link"), /brig/);
});
