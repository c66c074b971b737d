/** What the running kernel makes of batches, read back with nft(8), in namespaces that end with the test. */

import assert from "node:assert/strict";
import { release } from "node:os";
import { after, before, test } from "node:test";
import { kernelVersion } from "../host.ts";
import { prefix } from "../netlink/ip.ts";
import { NetworkNamespace, Sender } from "../netlink/testbed/namespace.ts";
import { batch, type Operation } from "./batch.ts";
import { forgetPort, forgetTarget } from "./conntrack.ts";
import {
  dumpChains,
  dumpElements,
  dumpRules,
  dumpSets,
  readChains,
  readElements,
  readRules,
  readSets,
} from "./dump.ts";
import {
  destinationAddress,
  destinationPort,
  inputName,
  outputName,
  protocol,
  sourceAddress,
} from "./field.ts";
import { addElements, addSet, deleteElements, flushSet, interfaceName, join, type Value } from "./set.ts";
import * as statement from "./statement.ts";
import { addChain, addRule, addTable, deleteTable, flushChain } from "./table.ts";

const errno = { ENOENT: 2, EEXIST: 17, EINVAL: 22 };
const t = { family: "ip", table: "t" } as const;
let sender: Sender;
let space: NetworkNamespace;

const value = (text: string, ...bytes: readonly number[]): Value => ({ bytes: Uint8Array.from(bytes), text });
const web = join([value("tcp", 6), value("80", 0, 80)]);
const target = join([value("10.0.0.2", 10, 0, 0, 2), value("8080", 0x1f, 0x90)]);
const elsewhere = join([value("10.0.0.3", 10, 0, 0, 3), value("8080", 0x1f, 0x90)]);

before(async () => {
  sender = new Sender();
  space = await NetworkNamespace.create();
});
after(() => {
  space[Symbol.dispose]();
  sender[Symbol.dispose]();
});

const send = (...operations: readonly Operation[]) =>
  space.send([batch(operations)], sender)[0]!.acknowledgement.errno;

const table: readonly Operation[] = [
  addTable(t),
  addSet(t, { name: "names", key: ["ifname"] }, 1),
  addSet(t, { name: "pairs", key: ["ifname", "ifname"] }, 2),
  addSet(t, { name: "nets", key: ["ifname", "ipv4_addr"], interval: true }, 3),
  addSet(t, { name: "ports", key: ["inet_proto", "inet_service"], data: ["ipv4_addr", "inet_service"] }, 4),
  addChain(t, { name: "c", type: "nat", hook: "prerouting", priority: -100 }),
  flushChain(t, "c"),
  addRule(t, "c", {
    statements: [statement.toThisHost, statement.translate("ip", [protocol, destinationPort], "ports")],
    comment: "published ports",
  }),
  addRule(t, "c", {
    statements: [
      statement.inNetwork(destinationAddress.ip, prefix("10.0.0.0/12"), "!="),
      statement.inSet([outputName, sourceAddress.ip], "nets"),
      statement.published(),
      statement.accept,
    ],
    comment: "a comment",
  }),
  addRule(t, "c", {
    statements: [
      statement.established(),
      statement.inSet([inputName, outputName], "pairs"),
      statement.notInSet([inputName], "names"),
      statement.drop,
    ],
    comment: "no",
  }),
];

const listed = `table ip t {
	set names {
		type ifname
		elements = { "brig0" }
	}

	set pairs {
		type ifname . ifname
		elements = { "brig0" . "brig0" }
	}

	set nets {
		type ifname . ipv4_addr
		flags interval
		elements = { "brig0" . 10.0.0.0/16 }
	}

	map ports {
		type inet_proto . inet_service : ipv4_addr . inet_service
		elements = { tcp . 80 : 10.0.0.2 . 8080 }
	}

	chain c {
		type nat hook prerouting priority dstnat; policy accept;
		fib daddr type local dnat ip to meta l4proto . th dport map @ports comment "published ports"
		ip daddr != 10.0.0.0/12 oifname . ip saddr @nets ct status dnat accept comment "a comment"
		ct state established,related iifname . oifname @pairs iifname != @names drop comment "no"
	}
}
`;

test("a batch makes a table that nft reads as it was meant, and sending it again changes nothing", () => {
  const name = interfaceName("brig0");
  const network = {
    key: join([name, value("10.0.0.0", 10, 0, 0, 0)]),
    keyEnd: join([name, value("", 10, 0, 255, 255)]).bytes,
  };
  const elements = [
    addElements(t, "names", [{ key: name }]),
    addElements(t, "pairs", [{ key: join([name, name]) }]),
    addElements(t, "nets", [network]),
    addElements(t, "ports", [{ key: web, data: target }]),
  ];
  for (let round = 0; round < 2; round++) {
    assert.equal(send(...table, ...elements), 0);
    assert.equal(space.run("nft", "list", "table", "ip", "t"), listed);
  }
});

test("nft takes the text of every operation", () => {
  const script = batch([...table, deleteTable(t)]).text;
  const fresh = script.replaceAll(/\bip t\b/g, "ip copy");
  assert.doesNotThrow(() => space.run("sh", "-c", `cat <<'E' | nft -c -f -\n${fresh}\nE`));
});

test("an element of a map that has other data already is refused, and the batch with it", () => {
  const another = join([value("udp", 17), value("53", 0, 53)]);
  const batchErrno = send(
    addElements(t, "ports", [{ key: another, data: target }]),
    addElements(t, "ports", [{ key: web, data: elsewhere }]),
  );
  assert.equal(batchErrno, errno.EEXIST);
  assert.doesNotMatch(space.run("nft", "list", "map", "ip", "t", "ports"), /udp/);
  assert.equal(send(addElements(t, "ports", [{ key: web, data: target }])), 0);
});

test("an element is deleted once; what is not there is ENOENT", () => {
  const gone = deleteElements(t, "ports", [{ key: web, data: target }]);
  assert.equal(send(gone), 0);
  assert.equal(send(gone), errno.ENOENT);
  assert.equal(
    send(addElements({ ...t, table: "absent" }, "ports", [{ key: web, data: target }])),
    errno.ENOENT,
  );
});

test("a set is emptied at once", () => {
  assert.equal(send(flushSet(t, "names"), flushSet(t, "nets")), 0);
  assert.doesNotMatch(space.run("nft", "list", "set", "ip", "t", "names"), /brig0/);
});

test("base chains and their policies are read back", () => {
  space.run(
    "nft",
    "add table ip filter; add chain ip filter FORWARD { type filter hook forward priority 0; policy drop; }",
  );
  const chains = readChains(space.sendAll([dumpChains()], sender)[0]!.bytes);
  assert.deepEqual(chains, [
    { family: 2, table: "t", name: "c", hook: "prerouting", policy: "accept" },
    { family: 2, table: "filter", name: "FORWARD", hook: "forward", policy: "drop" },
  ]);
});

test("sets, rules with their comments, and elements are read as they were made; of another table nothing", () => {
  assert.equal(send(addElements(t, "ports", [{ key: web, data: target }])), 0);
  const read = (request: ReturnType<typeof dumpSets>) => space.send([request], sender)[0]!.bytes;
  assert.deepEqual(readSets(read(dumpSets(t))).sort(), ["names", "nets", "pairs", "ports"]);
  assert.deepEqual(readRules(read(dumpRules(t))), [
    { chain: "c", comment: "published ports" },
    { chain: "c", comment: "a comment" },
    { chain: "c", comment: "no" },
  ]);
  const [element] = readElements(read(dumpElements(t, "ports")));
  assert.deepEqual([...element!.key], [...web.bytes]);
  assert.deepEqual([...element!.data!], [...target.bytes]);
  const other = { family: "ip", table: "other" } as const;
  assert.deepEqual(readSets(read(dumpSets(other))), []);
  assert.deepEqual(readElements(read(dumpElements(other, "ports"))), []);
});

test("connections are forgotten by target and by port, none is no error; before Linux 6.9 it is one", () => {
  const [major, minor] = kernelVersion(release());
  const expected = major > 6 || (major === 6 && minor >= 9) ? 0 : errno.EINVAL;
  const answers = space.send([forgetTarget(Uint8Array.of(10, 0, 0, 2)), forgetPort("ip", 17, 53)], sender);
  assert.deepEqual(
    answers.map(({ acknowledgement }) => acknowledgement.errno),
    [expected, expected],
  );
});

test("a table goes with everything in it", () => {
  assert.equal(send(deleteTable(t)), 0);
  assert.equal(send(deleteTable(t)), errno.ENOENT);
});
