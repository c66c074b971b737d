import assert from "node:assert/strict";
import { test } from "node:test";
import { reservationOf } from "./reservation.ts";

const port = { protocol: "tcp", hostIp: "127.0.0.1", hostPort: 8080, containerPort: 80 } as const;

test("a TCP port is reserved by binding its address", () => {
  const { family, type, protocol, address } = reservationOf(port)!;
  assert.deepEqual([family, type & 0xf, protocol], [2, 1, 6]);
  assert.deepEqual([...address], [2, 0, 0x1f, 0x90, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
});

test("an IPv6 address is bound in its own family", () => {
  const { family, address } = reservationOf({ ...port, protocol: "udp", hostIp: "::1" })!;
  assert.equal(family, 10);
  assert.equal(address.length, 28);
  assert.equal(address[23], 1);
});

test("SCTP is not reserved, since not every kernel has it", () => {
  assert.equal(reservationOf({ ...port, protocol: "sctp" }), undefined);
});
