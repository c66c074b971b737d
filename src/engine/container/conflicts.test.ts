/** What excludes each other; each sentence was told by Docker 20.10. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { checkConflicts, ineffectiveOptions } from "./conflicts.ts";
import type { ContainerSpec, NetworkSpec } from "./spec.ts";

const joining = (network: NetworkSpec, more: Partial<ContainerSpec> = {}): Partial<ContainerSpec> => ({
  ...more,
  network: { mode: "container:other", ...network },
});
const tmpfs = { kind: "tmpfs", target: "/a", readOnly: false, options: [] } as const;

const refused: readonly (readonly [Partial<ContainerSpec>, string])[] = [
  [joining({}, { hostname: "box" }), "conflicting options: hostname and the network mode"],
  [joining({ dns: ["192.0.2.1"] }), "conflicting options: dns and the network mode"],
  [
    joining({ extraHosts: ["a:192.0.2.1"] }),
    "conflicting options: custom host-to-IP mapping and the network mode",
  ],
  [joining({ macAddress: "02:00:00:00:00:01" }), "conflicting options: mac-address and the network mode"],
  [
    { network: { mode: "host", macAddress: "02:00:00:00:00:01" } },
    "conflicting options: mac-address and the network mode",
  ],
  [
    joining({ publish: ["80:80"] }),
    "conflicting options: port publishing and the container type network mode",
  ],
  [joining({ publishAll: true }), "conflicting options: port publishing and the container type network mode"],
  [joining({ expose: ["80"] }), "conflicting options: port exposing and the container type network mode"],
  [
    { hostname: "box", namespaces: { uts: { kind: "host" } } },
    "conflicting options: hostname and the UTS mode",
  ],
  [{ mounts: [tmpfs, { ...tmpfs, target: "//a/./" }] }, "Duplicate mount point: /a"],
];

test("what excludes each other is refused in Docker's words", () => {
  for (const [spec, message] of refused)
    assert.throws(() => checkConflicts({ image: "i", ...spec }), { kind: "invalid", message });
});

test("what goes together is taken", () => {
  checkConflicts({ image: "i", hostname: "box", network: { publish: ["80"], dns: ["192.0.2.1"] } });
  checkConflicts({ image: "i", ...joining({}) });
});

test("what Docker leaves out without a word is told", () => {
  const spec = { image: "i", ...joining({ dnsSearch: ["a"], dnsOptions: ["b"] }, { domainname: "c" }) };
  checkConflicts(spec);
  const flags = ineffectiveOptions(spec).map((warning) => warning.split(" ")[0]);
  assert.deepEqual(flags, ["--domainname", "--dns-search", "--dns-option"]);
  assert.deepEqual(ineffectiveOptions({ image: "i", domainname: "c" }), []);
});
