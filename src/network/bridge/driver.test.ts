import assert from "node:assert/strict";
import { test } from "node:test";
import { ip, prefix } from "../../kernel/netlink/ip.ts";
import { driverContract } from "../driver.contract.ts";
import type { NetworkRequest } from "../driver.ts";
import { newEndpoint } from "../endpoint.ts";
import type { HostFacts } from "../facts.ts";
import type { Step } from "../step.ts";
import { bridge } from "./driver.ts";

const request: NetworkRequest = {
  link: { name: "brig0", index: 1000 },
  table: "brig",
  subnet: "172.30.0.0/16",
};
const zeros = (size: number) => new Uint8Array(size);
const endpoint = newEndpoint(
  {
    address: ip("172.30.0.2"),
    subnet: prefix("172.30.0.0/16"),
    position: 0,
    defaultRoute: true,
    ports: [
      { protocol: "tcp", hostIp: "", hostPort: 8080, containerPort: 80 },
      { protocol: "udp", hostIp: "127.0.0.1", hostPort: 53, containerPort: 53 },
    ],
  },
  zeros,
);
const dual = {
  request: { ...request, subnet6: "fd00:30::/64" },
  endpoint: { ...endpoint, address6: "fd00:30::2/64" },
};
const many = Array.from({ length: 3000 }, (_, i) => ({
  protocol: "tcp" as const,
  hostIp: "",
  hostPort: 10_000 + i,
  containerPort: 80,
}));

const samples = {
  "with IPv4": { request, endpoint },
  "with both families": dual,
  "with 3000 ports": { request, endpoint: { ...endpoint, ports: many } },
  "that is internal": { request: { ...request, internal: true }, endpoint },
  "without communication": {
    request: { ...request, options: { "com.docker.network.bridge.enable_icc": "false" } },
    endpoint,
  },
};
for (const [name, sample] of Object.entries(samples)) {
  for (const { title, check } of driverContract(bridge, sample)) test(`bridge ${name}: ${title}`, check);
}

const lines = (steps: readonly Step[]): string[] =>
  steps.map((step) =>
    step.kind === "sysctl" ? `${step.side}: sysctl ${step.path}=${step.value}` : `${step.side}: ${step.text}`,
  );

test("a container's place in the network is these requests, in this order", () => {
  const place = { namespaceFd: 20, bridgeNetfilter: false };
  assert.deepEqual(lines(bridge.setup.endpoint(bridge.config(request), endpoint, place)), [
    "host: ip link add name veth0000000 index 268435456 mtu 1500 numtxqueues 1 numrxqueues 1 type veth peer name eth0 index 100 address 02:42:ac:1e:00:02 mtu 1500 netns fd 20 numtxqueues 1 numrxqueues 1",
    "host: ip link set index 268435456 addrgenmode none",
    "host: ip link set index 268435456 master index 1000 up",
    "container: ip link set lo up",
    "container: ip link set index 100 addrgenmode none",
    "container: ip link set index 100 up",
    "container: ip address add 172.30.0.2/16 broadcast 172.30.255.255 dev index 100",
    "container: ip route add default via 172.30.0.1 dev index 100",
    "host: add element ip brig ports { tcp . 8080 : 172.30.0.2 . 80 }\n" +
      "add element ip brig ports_at { udp . 127.0.0.1 . 53 : 172.30.0.2 . 53 }",
  ]);
});

test("what the host keeps of a container is taken back, and a veth is not deleted", () => {
  assert.deepEqual(lines(bridge.teardown.endpoint(bridge.config(request), endpoint)), [
    "host: add element ip brig ports { tcp . 8080 : 172.30.0.2 . 80 }\n" +
      "delete element ip brig ports { tcp . 8080 }\n" +
      "add element ip brig ports_at { udp . 127.0.0.1 . 53 : 172.30.0.2 . 53 }\n" +
      "delete element ip brig ports_at { udp . 127.0.0.1 . 53 }",
    "host: conntrack -D --reply-src 172.30.0.2",
  ]);
});

test("a bridge port gets a hairpin where br_netfilter translates frames, and is isolated without communication", () => {
  const config = bridge.config({ ...request, options: { "com.docker.network.bridge.enable_icc": "0" } });
  const steps = lines(bridge.setup.endpoint(config, endpoint, { namespaceFd: 20, bridgeNetfilter: true }));
  assert.ok(
    steps.includes(
      "host: ip link set index 268435456 type bridge_slave hairpin on type bridge_slave isolated on",
    ),
  );
});

test("an internal network has no route out and does not turn forwarding on", () => {
  const config = bridge.config({ ...request, internal: true });
  const place = { namespaceFd: 20, bridgeNetfilter: false };
  assert.ok(
    !lines(bridge.setup.endpoint(config, endpoint, place)).some((line) => line.includes("default via")),
  );
  assert.ok(!lines(bridge.setup.network(config)).some((line) => line.includes("ip_forward")));
});

const refusals: readonly (readonly [NetworkRequest, RegExp])[] = [
  [{ ...request, subnet: "172.30.0.0" }, /'172\.30\.0\.0' is no IPv4 subnet/],
  [{ ...request, subnet: "172.30.0.1/32" }, /no room/],
  [{ ...request, subnet: "fd00::/64" }, /is no IPv4 subnet/],
  [{ ...request, gateway: "10.0.0.1" }, /gateway 10\.0\.0\.1 is not in subnet/],
  [{ ...request, gateway: "x" }, /invalid gateway 'x'/],
  [{ ...request, range: "172.31.0.0/24" }, /ip range 172\.31\.0\.0\/24 is not in subnet/],
  [{ ...request, link: { name: "much-too-long-name", index: 1 } }, /is no interface name/],
  [{ ...request, options: { colour: "red" } }, /unknown option 'colour'; known are com\.docker/],
  [{ ...request, options: { "com.docker.network.driver.mtu": "9" } }, /'9' is no MTU/],
  [{ ...request, options: { "com.docker.network.bridge.enable_icc": "maybe" } }, /neither true nor false/],
];
for (const [wrong, message] of refusals) {
  test(`a bridge network is refused with ${message.source}`, () =>
    assert.throws(() => bridge.config(wrong), message));
}

test("Docker's options are understood", () => {
  const config = bridge.config({
    ...request,
    gateway: "172.30.9.9",
    range: "172.30.8.0/24",
    options: {
      "com.docker.network.bridge.name": "mine0",
      "com.docker.network.bridge.enable_ip_masquerade": "false",
      "com.docker.network.bridge.host_binding_ipv4": "127.0.0.1",
      "com.docker.network.driver.mtu": "9000",
    },
  });
  assert.deepEqual(config, {
    driver: "bridge",
    namespace: { kind: "new" },
    link: { name: "mine0", index: 1000 },
    table: "brig",
    ipv4: { subnet: "172.30.0.0/16", gateway: "172.30.9.9", range: "172.30.8.0/24" },
    internal: false,
    masquerade: false,
    communication: true,
    hostIp: "127.0.0.1",
    mtu: 9000,
  });
});

const calm: HostFacts = {
  links: [],
  addresses: [],
  routes: [],
  chains: [],
  forwards: true,
  bridgeNetfilter: false,
};
const brig0 = { index: 1000, name: "brig0", up: true, mtu: 1500, master: 0, kind: "bridge" };
const ports = Array.from({ length: 1023 }, (_, i) => ({
  ...brig0,
  index: i,
  name: `veth${i}`,
  kind: "veth",
  master: 1000,
}));
const judged: readonly (readonly [string, Partial<HostFacts>, RegExp])[] = [
  [
    "an interface of that name",
    { links: [{ ...brig0, kind: "dummy" }] },
    /^error .*brig0 exists and is no bridge/,
  ],
  [
    "another's bridge of that name",
    { links: [{ ...brig0, index: 5 }] },
    /^error .*brig0 exists and is not brig's/,
  ],
  ["a full bridge", { links: [brig0, ...ports] }, /^error .*1023 containers and can take no more/],
  [
    "an address in the subnet",
    { addresses: [{ linkIndex: 2, address: prefix("172.30.5.5/24") }] },
    /^error .*subnet 172\.30\.0\.0\/16 overlaps 172\.30\.5\.0\/24/,
  ],
  [
    "a route to a larger network",
    { routes: [{ destination: prefix("172.16.0.0/12"), table: 254, linkIndex: 3 }] },
    /^error .*overlaps 172\.16\.0\.0\/12/,
  ],
  [
    "a firewall that drops what it forwards",
    { chains: [{ family: 2, table: "filter", name: "FORWARD", hook: "forward", policy: "drop" }] },
    /^warning chain FORWARD .*'iptables -I FORWARD -i brig0 -j ACCEPT' and 'iptables -I FORWARD -o brig0 -j ACCEPT'/,
  ],
  ["a host that does not forward", { forwards: false }, /^warning .*net\.ipv4\.ip_forward, which is off/],
];
for (const [title, facts, expected] of judged) {
  test(`${title} is found before it does harm`, () => {
    const findings = bridge.validate(bridge.config(request), { ...calm, ...facts });
    assert.equal(findings.length, 1);
    assert.match(`${findings[0]!.severity} ${findings[0]!.message}`, expected);
  });
}

test("the network's own bridge, and default routes, are in nobody's way", () => {
  const facts: HostFacts = {
    ...calm,
    links: [brig0],
    addresses: [{ linkIndex: 1000, address: prefix("172.30.0.1/16") }],
    routes: [
      { destination: prefix("172.30.0.0/16"), table: 254, linkIndex: 1000 },
      { destination: prefix("0.0.0.0/0"), table: 254, linkIndex: 2 },
    ],
    chains: [{ family: 2, table: "filter", name: "INPUT", hook: "input", policy: "drop" }],
  };
  assert.deepEqual(bridge.validate(bridge.config(request), facts), []);
});
