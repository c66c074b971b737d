import assert from "node:assert/strict";
import { test } from "node:test";
import { sysctlPath } from "./sysctl.ts";

const cases: readonly (readonly [name: string, path: string | undefined])[] = [
  ["net.ipv4.ip_forward", "net/ipv4/ip_forward"],
  ["net/ipv4/ip_forward", "net/ipv4/ip_forward"],
  ["net.ipv4.conf.eth0/1.forwarding", "net/ipv4/conf/eth0.1/forwarding"],
  ["net/ipv4/conf/eth0.1/forwarding", "net/ipv4/conf/eth0.1/forwarding"],
  ["net", undefined],
  ["", undefined],
  ["net..core", undefined],
  ["net//core", undefined],
  ["/net/core", undefined],
  ["net/../kernel/core_pattern", undefined],
  ["net.//.kernel.core_pattern", undefined],
  ["net/./core", undefined],
  ["net.core\0x", undefined],
];

for (const [name, path] of cases) {
  test(`the kernel parameter ${JSON.stringify(name)} is ${path ? `at ${path}` : "refused"}`, () => {
    assert.equal(sysctlPath(name), path);
  });
}
