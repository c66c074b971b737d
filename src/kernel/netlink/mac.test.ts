import assert from "node:assert/strict";
import { test } from "node:test";
import { ip } from "./ip.ts";
import { formatMac, macOf, parseMac } from "./mac.ts";

test("the Ethernet address of a container is Docker's: 02:42 and its IPv4 address", () => {
  assert.equal(formatMac(macOf(ip("172.17.0.2"))), "02:42:ac:11:00:02");
});

test("an Ethernet address is six pairs with one separator", () => {
  assert.deepEqual([...(parseMac("92:d0-c6:0a:29:33") ?? [])], []);
  assert.deepEqual([...parseMac("92-D0-C6-0A-29-33")!], [0x92, 0xd0, 0xc6, 0x0a, 0x29, 0x33]);
  assert.equal(parseMac("92:d0:c6:0a:29"), undefined);
});
