import assert from "node:assert/strict";
import { test } from "node:test";
import { type Address, formatAddress, parseAddress } from "./address.ts";

const addresses: readonly (readonly [string, Address])[] = [
  ["unix:///run/brig/brig.sock", { kind: "unix", path: "/run/brig/brig.sock" }],
  ["tcp://host:1234", { kind: "tcp", host: "host", port: 1234, base: "" }],
  ["tcp://host", { kind: "tcp", host: "host", port: 2375, base: "" }],
  ["https://host/behind/it/", { kind: "tcp", host: "host", port: 2376, base: "/behind/it" }],
  ["tcp://[::1]:99", { kind: "tcp", host: "::1", port: 99, base: "" }],
  ["ssh://host", { kind: "ssh", host: "host", user: undefined, port: undefined, path: undefined }],
  [
    "ssh://me@host:2222/run/x.sock",
    { kind: "ssh", host: "host", user: "me", port: 2222, path: "/run/x.sock" },
  ],
];

for (const [url, address] of addresses)
  test(`${url} is understood`, () => {
    assert.deepEqual(parseAddress(url), address);
  });

test("with TLS the usual port is another one", () => {
  assert.equal((parseAddress("tcp://host", true) as { port: number }).port, 2376);
});

const refused = [
  "",
  "host",
  "/run/brig.sock",
  "unix://relative",
  "tcp://",
  "tcp://:2375",
  "ftp://host",
  "ssh://user:secret@host",
  "ssh://-oProxyCommand=x",
  "ssh://-oProxyCommand=x@host",
  "ssh://host/x?y",
  "tcp://host:port",
];

for (const url of refused)
  test(`${JSON.stringify(url)} is refused`, () => {
    assert.throws(() => parseAddress(url), { kind: "invalid" });
  });

test("messages show where it is, and an IPv6 address in brackets", () => {
  assert.equal(formatAddress(parseAddress("tcp://[::1]:99")), "tcp://[::1]:99");
  assert.equal(formatAddress(parseAddress("ssh://me@host/run/x")), "ssh://me@host");
});
