import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { digestOf, sha256 } from "./digest.ts";

test("text and bytes have the digests of FIPS 180-4", () => {
  const digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  assert.equal(sha256("abc").toString("hex"), digest);
  assert.equal(sha256(Buffer.from("abc")).toString("hex"), digest);
  const large = Buffer.alloc(100_000, "brig");
  for (const algorithm of ["sha256", "sha512"] as const)
    assert.deepEqual(digestOf(algorithm, large), createHash(algorithm).update(large).digest());
});
