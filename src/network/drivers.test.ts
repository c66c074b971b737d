import assert from "node:assert/strict";
import { test } from "node:test";
import { driverOf, drivers, parseMode } from "./drivers.ts";

const modes = [
  ["", { kind: "network", name: "bridge" }],
  ["default", { kind: "network", name: "bridge" }],
  ["bridge", { kind: "network", name: "bridge" }],
  ["none", { kind: "none" }],
  ["host", { kind: "host" }],
  ["container:web", { kind: "container", container: "web" }],
  ["shop_default", { kind: "network", name: "shop_default" }],
] as const;
for (const [text, mode] of modes) {
  test(`--network '${text}' means ${JSON.stringify(mode)}`, () => assert.deepEqual(parseMode(text), mode));
}

test("--network container: without a name is refused in Docker's words", () => {
  assert.throws(() => parseMode("container:"), /invalid container format container:<name\|id>/);
});

test("a stored configuration finds its driver", () => {
  assert.equal(driverOf(drivers.none.config({})), drivers.none);
});
