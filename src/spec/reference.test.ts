import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { BrigError } from "../base/errors.ts";
import {
  familiarName,
  formatFamiliar,
  formatReference,
  isTag,
  parseNameOrDigest,
  parseReference,
  pullTarget,
  withDefaultTag,
} from "./reference.ts";

const hex = "0123456789abcdef".repeat(4);
const sha256 = `sha256:${hex}`;
const sha512 = `sha512:${hex}${hex}`;
const long = (length: number) => "a".repeat(length);

/** Each row was given to Docker's own parser as well. */
const accepted: readonly (readonly [text: string, full: string, familiar: string])[] = [
  ["busybox", "docker.io/library/busybox", "busybox"],
  ["busybox:1.36", "docker.io/library/busybox:1.36", "busybox:1.36"],
  ["library/busybox", "docker.io/library/busybox", "busybox"],
  ["docker.io/busybox", "docker.io/library/busybox", "busybox"],
  ["index.docker.io/busybox", "docker.io/library/busybox", "busybox"],
  ["index.docker.io/owner/image", "docker.io/owner/image", "owner/image"],
  [
    "registry-1.docker.io/owner/image",
    "registry-1.docker.io/owner/image",
    "registry-1.docker.io/owner/image",
  ],
  ["docker.io/library/a/b", "docker.io/library/a/b", "library/a/b"],
  ["owner/image", "docker.io/owner/image", "owner/image"],
  ["localhost/image", "localhost/image", "localhost/image"],
  ["localhost", "docker.io/library/localhost", "localhost"],
  ["localhost:5000", "docker.io/library/localhost:5000", "localhost:5000"],
  ["localhost:5000/image:tag", "localhost:5000/image:tag", "localhost:5000/image:tag"],
  ["host:80/image", "host:80/image", "host:80/image"],
  ["HOST/image", "HOST/image", "HOST/image"],
  ["example.com", "docker.io/library/example.com", "example.com"],
  ["example.com/a/b/c", "example.com/a/b/c", "example.com/a/b/c"],
  ["127.0.0.1:5000/image", "127.0.0.1:5000/image", "127.0.0.1:5000/image"],
  ["[::1]/image", "[::1]/image", "[::1]/image"],
  ["[fd00:1:2::3]:5000/image:tag", "[fd00:1:2::3]:5000/image:tag", "[fd00:1:2::3]:5000/image:tag"],
  ["xn--n3h.com/image", "xn--n3h.com/image", "xn--n3h.com/image"],
  ["a__b/c--d_e.f", "docker.io/a__b/c--d_e.f", "a__b/c--d_e.f"],
  ["a_b.c/image", "a_b.c/image", "a_b.c/image"],
  [`busybox:${long(128)}`, `docker.io/library/busybox:${long(128)}`, `busybox:${long(128)}`],
  ["busybox:_A.-", "docker.io/library/busybox:_A.-", "busybox:_A.-"],
  [`busybox@${sha256}`, `docker.io/library/busybox@${sha256}`, `busybox@${sha256}`],
  [`busybox@${sha512}`, `docker.io/library/busybox@${sha512}`, `busybox@${sha512}`],
  [`busybox:1@${sha256}`, `docker.io/library/busybox:1@${sha256}`, `busybox:1@${sha256}`],
  [long(247), `docker.io/library/${long(247)}`, long(247)],
  [`${hex}:tag`, `docker.io/library/${hex}:tag`, `${hex}:tag`],
  [hex.slice(1), `docker.io/library/${hex.slice(1)}`, hex.slice(1)],
];

const refused: readonly (readonly [text: string, message: string])[] = [
  ["", "invalid reference format"],
  [":tag", "invalid reference format"],
  ["busybox:", "invalid reference format"],
  ["busybox:a b", "invalid reference format"],
  [`busybox:${long(129)}`, "invalid reference format"],
  ["busybox:.a", "invalid reference format"],
  ["busybox@", "invalid reference format"],
  ["busybox@sha256:abc", "invalid reference format"],
  [`busybox@sha256:${hex.slice(1)}`, "invalid checksum digest length"],
  [`busybox@sha256:${hex.toUpperCase()}`, "invalid checksum digest format"],
  [`busybox:1@SHA256:${hex}`, "invalid checksum digest format"],
  [`busybox@md5:${hex.slice(32)}`, "unsupported digest algorithm"],
  [`busybox@${sha256}:tag`, "invalid reference format"],
  ["a//b", "invalid reference format"],
  ["/a", "invalid reference format"],
  ["a/", "invalid reference format"],
  ["https://example.com/a", "invalid reference format"],
  ["-a", "invalid reference format"],
  ["a-", "invalid reference format"],
  ["a___b", "invalid reference format"],
  ["a..b", "invalid reference format"],
  ["a.-b", "invalid reference format"],
  ["ä", "invalid reference format"],
  ["a\n", "invalid reference format"],
  ["::1/a", "invalid reference format"],
  ["[::1/a", "invalid reference format"],
  ["[fe80::1%eth0]/a", "invalid reference format"],
  ["[::1]", "invalid reference format"],
  ["-a.com/b", "invalid reference format"],
  ["example.com:/a", "invalid reference format"],
  ["example.com:http/a", "invalid reference format"],
  ["Busybox", "invalid reference format: repository name (library/Busybox) must be lowercase"],
  ["example.com/Owner/a", "invalid reference format: repository name (Owner/a) must be lowercase"],
  ["A_b/c", "repository name must be lowercase"],
  [long(248), "repository name must not be more than 255 characters"],
  [hex, `invalid repository name (${hex}), cannot specify 64-byte hexadecimal strings`],
];

describe("an image reference", () => {
  for (const [text, full, familiar] of accepted) {
    test(`${shown(text)} means ${shown(full)} and is shown as ${shown(familiar)}`, () => {
      const reference = parseReference(text);
      assert.equal(formatReference(reference), full);
      assert.equal(formatFamiliar(reference), familiar);
      assert.deepEqual(parseReference(full), reference);
    });
  }

  for (const [text, message] of refused) {
    test(`${shown(text)} is refused: ${shown(message)}`, () => {
      assert.throws(() => parseReference(text), { name: "BrigError", kind: "invalid", message });
    });
  }

  test("does not print control characters of a name that it refuses", () => {
    assert.throws(
      () => parseReference("A\x1b[31m"),
      (error: BrigError) => !error.message.includes("\x1b"),
    );
  });

  test("has its parts apart", () => {
    assert.deepEqual(parseReference(`localhost:5000/a/b:1@${sha256}`), {
      domain: "localhost:5000",
      path: "a/b",
      tag: "1",
      digest: sha256,
    });
    assert.equal(familiarName(parseReference("docker.io/library/busybox:1")), "busybox");
  });

  test("gets the tag latest only where it has neither tag nor digest", () => {
    const tagged = (text: string) => formatFamiliar(withDefaultTag(parseReference(text)));
    assert.equal(tagged("busybox"), "busybox:latest");
    assert.equal(tagged("busybox:1"), "busybox:1");
    assert.equal(tagged(`busybox@${sha256}`), `busybox@${sha256}`);
  });

  test("with tag and digest is pulled by its digest", () => {
    assert.equal(formatFamiliar(pullTarget(parseReference(`busybox:1@${sha256}`))), `busybox@${sha256}`);
    assert.equal(formatFamiliar(pullTarget(parseReference("busybox"))), "busybox:latest");
  });

  test("may be a full id or a digest where content is meant", () => {
    assert.deepEqual(parseNameOrDigest(hex), { kind: "digest", digest: sha256 });
    assert.deepEqual(parseNameOrDigest(sha512), { kind: "digest", digest: sha512 });
    assert.equal(parseNameOrDigest("busybox").kind, "name");
  });

  test("takes a time linear in its length, however it is made", () => {
    for (const text of [
      "a".repeat(1e6),
      "a-".repeat(5e5),
      "a.".repeat(5e5),
      "A/".repeat(5e5),
      `a/${"_".repeat(1e6)}`,
    ]) {
      const start = performance.now();
      assert.throws(() => parseReference(text), BrigError);
      assert.ok(performance.now() - start < 1000);
    }
  });
});

test("a tag is at most 128 letters, digits, dots, dashes and underscores", () => {
  assert.deepEqual(
    [isTag("v1.0-a_b"), isTag(long(128)), isTag(long(129)), isTag("-a"), isTag("")],
    [true, true, false, false, false],
  );
});

function shown(text: string): string {
  return JSON.stringify(text.length > 90 ? `${text.slice(0, 30)}…(${text.length})` : text);
}
