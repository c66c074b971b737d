import assert from "node:assert/strict";
import { test } from "node:test";
import { hostsFile } from "./hosts.ts";

test("/etc/hosts has Docker's lines in Docker's order", () => {
  const text = hostsFile({
    addresses: ["172.30.0.2"],
    hostname: "web",
    domain: "example.com",
    ipv6: true,
    extra: [{ address: "10.0.0.9", name: "db" }],
  });
  assert.equal(
    text,
    [
      "127.0.0.1\tlocalhost",
      "::1\tlocalhost ip6-localhost ip6-loopback",
      "fe00::\tip6-localnet",
      "ff00::\tip6-mcastprefix",
      "ff02::1\tip6-allnodes",
      "ff02::2\tip6-allrouters",
      "10.0.0.9\tdb",
      "172.30.0.2\tweb.example.com web",
      "",
    ].join("\n"),
  );
});

test("a full name as host name brings its short form along", () => {
  const text = hostsFile({ addresses: ["10.0.0.2"], hostname: "a.b.c", ipv6: false, extra: [] });
  assert.equal(text, "127.0.0.1\tlocalhost\n10.0.0.2\ta.b.c a\n");
});
