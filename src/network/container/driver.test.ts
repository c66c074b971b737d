import assert from "node:assert/strict";
import { test } from "node:test";
import { driverContract } from "../driver.contract.ts";
import { container } from "./driver.ts";

for (const { title, check } of driverContract(container, { request: { container: "web" } })) {
  test(`container: ${title}`, check);
}

test("a container network joins the namespace of the container it names", () => {
  assert.deepEqual(container.config({ container: "web" }).namespace, { kind: "container", container: "web" });
  assert.throws(() => container.config({}), /invalid container format container:<name\|id>/);
});
