import assert from "node:assert/strict";
import { test } from "node:test";
import { checkHostname, defaultHostname, hostnameFile } from "./hostname.ts";

test("a container is called by its short id unless it is named", () => {
  assert.equal(defaultHostname("0123456789abcdef"), "0123456789ab");
  assert.equal(hostnameFile("web"), "web\n");
});

test("a host name is made of labels and fits the kernel's 64 bytes", () => {
  for (const good of ["web", "web-1.example.com", "my_host", "A1"]) assert.equal(checkHostname(good), good);
  for (const bad of ["", "-a", "a-", "a b", "a/b", "a..b", "x".repeat(64), "é"]) {
    assert.throws(() => checkHostname(bad), { message: `invalid hostname format: ${bad}`, kind: "invalid" });
  }
});
