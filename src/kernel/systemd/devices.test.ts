import assert from "node:assert/strict";
import { test } from "node:test";
import type { DeviceRule } from "../../spec/runtime/resources.ts";
import { defaultDeviceRules, devicePolicy } from "../cgroup/devices/rules.ts";
import { parseCgroupsPath, placeCgroup } from "../cgroup/path.ts";
import { v1, v2 } from "../cgroup/testbed/hierarchies.ts";
import { deviceProperties } from "./devices.ts";

const listed =
  "Character devices:\n  1 mem\n  5 /dev/tty\n  5 ttyprintk\n136 pts\n\nBlock devices:\n  8 sd\n259 blkext\n";

function told(hierarchy: typeof v1, ...rules: readonly DeviceRule[]) {
  const at = parseCgroupsPath(":brig:c1", { id: "c1", driver: "systemd" });
  const properties = deviceProperties(placeCgroup(hierarchy, at), devicePolicy(rules), listed);
  return properties.map(({ name, value }) => [name, value]);
}

test("in v1 systemd is told what every container may do, and nothing else is allowed", () => {
  const [policy, forget, allow] = told(v1, { allow: false }, ...defaultDeviceRules);
  assert.deepEqual(
    [policy, forget],
    [
      ["DevicePolicy", "strict"],
      ["DeviceAllow", []],
    ],
  );
  assert.deepEqual(allow, [
    "DeviceAllow",
    [
      ["block-*", "m"],
      ["char-*", "m"],
      ["/dev/char/1:3", "rwm"],
      ["/dev/char/1:5", "rwm"],
      ["/dev/char/1:7", "rwm"],
      ["/dev/char/1:8", "rwm"],
      ["/dev/char/1:9", "rwm"],
      ["/dev/char/5:0", "rwm"],
      ["/dev/char/5:2", "rwm"],
      ["char-pts", "rwm"],
    ],
  ]);
});

test("everything is allowed where the rules allow everything", () => {
  assert.deepEqual(told(v1, { allow: true }), [
    ["DevicePolicy", "auto"],
    ["DeviceAllow", []],
  ]);
});

test("what systemd has no words for is not allowed by it", () => {
  const strange: readonly DeviceRule[] = [
    { allow: true, type: "b", major: 8, access: "r" },
    { allow: true, type: "b", major: 250, access: "r" },
    { allow: true, type: "c", minor: 4, access: "r" },
  ];
  assert.deepEqual(told(v1, ...strange).at(-1), ["DeviceAllow", [["block-sd", "r"]]]);
  const holes = told(v1, { allow: true }, { allow: false, type: "c", major: 1, minor: 1 });
  assert.deepEqual(holes, [
    ["DevicePolicy", "strict"],
    ["DeviceAllow", []],
  ]);
});

test("in v2 our own program is the only one", () => {
  assert.deepEqual(told(v2, { allow: false }, ...defaultDeviceRules), []);
});
