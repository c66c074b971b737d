import assert from "node:assert/strict";
import { test } from "node:test";
import { driverContract } from "../driver.contract.ts";
import { none } from "./driver.ts";

for (const { title, check } of driverContract(none, { request: {} })) test(`none: ${title}`, check);

test("network none takes no subnet and no options", () => {
  assert.throws(() => none.config({ subnet: "10.0.0.0/8" }), /network none takes no subnet and no options/);
  assert.throws(() => none.config({ options: { a: "b" } }), /takes no subnet/);
});
