import assert from "node:assert/strict";
import { test } from "node:test";
import { resolverFile, resolverPath } from "./resolv.ts";

const host =
  "# by hand\ndomain old.example\nsearch a.example b.example\nnameserver 192.0.2.53\nnameserver 127.0.0.1\nnameserver fe80::1%eth0\noptions ndots:2 rotate\n";

test("name servers on the host's loopback are left out, and IPv6 ones of a network without IPv6", () => {
  const expected = "nameserver 192.0.2.53\nsearch a.example b.example\noptions ndots:2 rotate\n";
  assert.equal(resolverFile({ host, ipv6: false }), expected);
  assert.match(resolverFile({ host, ipv6: true }), /nameserver 192\.0\.2\.53\nnameserver fe80::1%eth0\n/);
});

test("where no server remains, public ones are used", () => {
  assert.equal(
    resolverFile({ host: "nameserver 127.0.0.53\n", ipv6: false }),
    "nameserver 8.8.8.8\nnameserver 8.8.4.4\n",
  );
});

test("what the user names replaces the host's, each by itself", () => {
  const file = { host, ipv6: false, servers: ["1.1.1.1"], options: ["ndots:1"] };
  assert.equal(resolverFile(file), "nameserver 1.1.1.1\nsearch a.example b.example\noptions ndots:1\n");
  assert.equal(
    resolverFile({ host, ipv6: false, search: ["."] }),
    "nameserver 192.0.2.53\noptions ndots:2 rotate\n",
  );
});

test("a named server on a loopback stays: the user knows why", () => {
  assert.match(resolverFile({ host, ipv6: false, servers: ["127.0.0.11"] }), /^nameserver 127\.0\.0\.11\n/);
});

test("behind systemd-resolved's stub its own file is read", () => {
  assert.equal(resolverPath("nameserver 127.0.0.53\noptions edns0\n"), "/run/systemd/resolve/resolv.conf");
  assert.equal(resolverPath(host), "/etc/resolv.conf");
});
