import assert from "node:assert/strict";
import { test } from "node:test";
import { driverContract } from "../driver.contract.ts";
import { host } from "./driver.ts";

for (const { title, check } of driverContract(host, { request: {} })) test(`host: ${title}`, check);

test("network host takes no subnet and no options", () => {
  assert.throws(() => host.config({ subnet: "10.0.0.0/8" }), /network host takes no subnet and no options/);
  assert.throws(() => host.config({ options: { a: "b" } }), /takes no subnet/);
});
