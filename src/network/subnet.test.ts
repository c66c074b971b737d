import assert from "node:assert/strict";
import { test } from "node:test";
import { formatPrefix, prefix } from "../kernel/netlink/ip.ts";
import { chooseSubnet } from "./subnet.ts";

const choose = (taken: readonly string[], start?: number): string =>
  formatPrefix(chooseSubnet(taken.map(prefix), start));

test("subnets are taken from the top of Docker's range, so that the two meet last", () => {
  assert.equal(choose([]), "172.30.0.0/16");
  assert.equal(choose(["172.30.0.0/16", "172.29.4.0/24"]), "172.28.0.0/16");
});

test("default routes, and the halves of everything that a VPN sets, are no obstacle", () => {
  assert.equal(choose(["0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1"]), "172.30.0.0/16");
});

test("a route to all of 172.16.0.0/12 leads on to 192.168.0.0/16", () => {
  assert.equal(choose(["172.16.0.0/12"]), "192.168.240.0/20");
});

test("another root begins elsewhere and goes around", () => {
  assert.equal(choose([], 3), "172.27.0.0/16");
  assert.equal(choose(["192.168.0.0/20"], 29), "172.30.0.0/16");
});

test("when everything is taken the user is asked for a subnet", () => {
  assert.throws(() => choose(["172.16.0.0/12", "192.168.0.0/16"]), {
    kind: "exhausted",
    message: /name one with --subnet/,
  });
});
