import assert from "node:assert/strict";
import { test } from "node:test";
import {
  contains,
  formatIp,
  formatPrefix,
  fromInteger,
  ip,
  lastOf,
  networkOf,
  overlaps,
  parseIp,
  parsePrefix,
  prefix,
  toInteger,
} from "./ip.ts";

const spellings = [
  ["172.17.0.1", "172.17.0.1"],
  ["::", "::"],
  ["::1", "::1"],
  ["2001:DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
  ["fd00::", "fd00::"],
  ["1:2:3:4:5:6:7:0", "1:2:3:4:5:6:7:0"],
  ["::ffff:192.0.2.1", "::ffff:192.0.2.1"],
  ["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
] as const;

for (const [text, canonical] of spellings) {
  test(`'${text}' is printed as '${canonical}'`, () => assert.equal(formatIp(ip(text)), canonical));
}

test("what is not exactly an address is refused", () => {
  for (const text of ["", "1.2.3", "01.2.3.4", "1.2.3.256", "fe80::1%eth0", "1::2::3", "localhost"]) {
    assert.equal(parseIp(text), undefined, text);
  }
  for (const text of ["10.0.0.0", "10.0.0.0/33", "10.0.0.0/", "::/129", "/8"]) {
    assert.equal(parsePrefix(text), undefined, text);
  }
  assert.throws(() => prefix("x"), /invalid subnet: 'x'/);
});

test("a prefix knows its network, its last address, and whom it contains", () => {
  assert.equal(formatPrefix(networkOf(prefix("172.17.5.9/12"))), "172.16.0.0/12");
  assert.equal(formatIp(lastOf(prefix("172.17.5.9/12"))), "172.31.255.255");
  assert.equal(formatPrefix(networkOf(prefix("fd00:1:2:3::9/50"))), "fd00:1:2::/50");
  assert.ok(contains(prefix("10.0.0.0/9"), ip("10.127.1.1")));
  assert.ok(!contains(prefix("10.0.0.0/9"), ip("10.128.1.1")));
  assert.ok(contains(prefix("0.0.0.0/0"), ip("9.9.9.9")));
  assert.ok(!contains(prefix("0.0.0.0/0"), ip("::1")));
});

test("prefixes overlap whichever is the larger", () => {
  assert.ok(overlaps(prefix("10.0.0.0/8"), prefix("10.88.0.0/16")));
  assert.ok(overlaps(prefix("10.88.0.0/16"), prefix("10.0.0.0/8")));
  assert.ok(!overlaps(prefix("10.88.0.0/16"), prefix("10.89.0.0/16")));
});

test("addresses count as integers of either size", () => {
  assert.equal(toInteger(ip("0.0.1.2")), 258n);
  assert.equal(formatIp(fromInteger(toInteger(ip("fd00::ffff")) + 1n, 16)), "fd00::1:0");
});
