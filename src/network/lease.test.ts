import assert from "node:assert/strict";
import { test } from "node:test";
import { formatIp, ip, prefix } from "../kernel/netlink/ip.ts";
import { defaultGateway, nextAddress, type Pool, requestedAddress } from "./lease.ts";

const pool: Pool = { subnet: prefix("172.30.0.0/29"), gateway: ip("172.30.0.1") };
const next = (leased: readonly string[], last?: string, from: Pool = pool): string =>
  formatIp(
    nextAddress(from, (address) => leased.includes(address), last === undefined ? undefined : ip(last)),
  );

test("the gateway has the first address and the first container the second", () => {
  assert.equal(formatIp(defaultGateway(prefix("172.30.0.0/16"))), "172.30.0.1");
  assert.equal(next([]), "172.30.0.2");
});

test("an address is not given out again before the others were", () => {
  assert.equal(next([], "172.30.0.2"), "172.30.0.3");
  assert.equal(next(["172.30.0.3"], "172.30.0.2"), "172.30.0.4");
  assert.equal(next([], "172.30.0.6"), "172.30.0.2");
});

test("the network's address, the broadcast address and the gateway are never given out", () => {
  const given = new Set<string>();
  for (let last: string | undefined, i = 0; i < 20; i++) given.add((last = next([], last)));
  assert.deepEqual([...given].sort(), ["172.30.0.2", "172.30.0.3", "172.30.0.4", "172.30.0.5", "172.30.0.6"]);
});

test("a full subnet says so", () => {
  const all = [2, 3, 4, 5, 6].map((i) => `172.30.0.${i}`);
  assert.throws(() => next(all), { kind: "exhausted", message: /no free address in 172\.30\.0\.0\/29/ });
});

test("addresses come from the range when there is one", () => {
  const ranged = {
    subnet: prefix("172.30.0.0/16"),
    range: prefix("172.30.8.0/24"),
    gateway: ip("172.30.0.1"),
  };
  assert.equal(next([], undefined, ranged), "172.30.8.0");
  assert.equal(next([], "172.30.0.9", ranged), "172.30.8.0");
  assert.equal(next([], "172.30.8.255", ranged), "172.30.8.0");
});

test("an IPv6 subnet has no broadcast address", () => {
  const six = { subnet: prefix("fd00::/126"), gateway: ip("fd00::1") };
  assert.equal(next([], "fd00::2", six), "fd00::3");
  assert.equal(next([], "fd00::3", six), "fd00::2");
});

test("a named address must be in the subnet and free", () => {
  const ask = (text: string, leased = false) => formatIp(requestedAddress(pool, ip(text), () => leased));
  assert.equal(ask("172.30.0.5"), "172.30.0.5");
  assert.throws(() => ask("10.0.0.5"), /10\.0\.0\.5: it is not in the network's subnet/);
  assert.throws(() => ask("172.30.0.5", true), { kind: "conflict", message: /Address already in use/ });
  assert.throws(() => ask("172.30.0.1"), /Address already in use/);
});
