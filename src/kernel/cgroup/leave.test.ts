/** What a shim does so that stopping the unit it was started from does not kill it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { SlotAllocator } from "../program/builder.ts";
import { leaveCaller } from "./leave.ts";

const tree = {
  version: 1,
  controllers: [],
  mountPoint: "/sys/fs/cgroup/systemd",
  name: "systemd",
  own: "/",
} as const;
const unified = {
  version: 2,
  controllers: ["pids"],
  mountPoint: "/sys/fs/cgroup",
  own: "/user.slice",
} as const;
const cpu = { version: 1, controllers: ["cpu"], mountPoint: "/sys/fs/cgroup/cpu", own: "/unit" } as const;

const writes = (trees: Parameters<typeof leaveCaller>[0]["trees"]) =>
  leaveCaller({ mode: "v1", trees }, "brig-shims", new SlotAllocator(4)).flatMap((node) =>
    node.kind === "call" && node.name === "openat" ? [node.args[1]] : [],
  );

test("a caller at the root of every hierarchy has nothing to be left", () => {
  assert.deepEqual(writes([tree]), []);
});

test("a caller in a unit is left in systemd's own hierarchy, and in no other", () => {
  assert.deepEqual(writes([{ ...tree, own: "/unit" }, cpu]), ["/sys/fs/cgroup/systemd/brig-shims/tasks"]);
});

test("in v2 the one tree is left by cgroup.procs", () => {
  assert.deepEqual(writes([unified]), ["/sys/fs/cgroup/brig-shims/cgroup.procs"]);
});
