import assert from "node:assert/strict";
import { test } from "node:test";
import type { DeviceRule } from "../../../spec/runtime/resources.ts";
import { interpret } from "../testbed/interpret.ts";
import { deviceAccess, deviceFilter, deviceTypes } from "./filter.ts";
import { deviceLines, deviceTransition, parseDeviceList } from "./list.ts";
import { type DevicePolicy, defaultDeviceRules, devicePolicy } from "./rules.ts";

const denyAll: DeviceRule = { allow: false, access: "rwm" };
const lines = (rules: readonly DeviceRule[]) =>
  deviceLines(devicePolicy(rules)).map(({ file, line }) => `${file.slice(8)} ${line}`);

const policies: Readonly<
  Record<string, { readonly rules: readonly DeviceRule[]; readonly v1: readonly string[] }>
> = {
  "no rules": { rules: [], v1: ["deny a *:* rwm"] },
  "Docker's rules": {
    rules: [denyAll, ...defaultDeviceRules],
    v1: [
      "deny a *:* rwm",
      "allow b *:* m",
      "allow c *:* m",
      "allow c 1:3 rwm",
      "allow c 1:5 rwm",
      "allow c 1:7 rwm",
      "allow c 1:8 rwm",
      "allow c 1:9 rwm",
      "allow c 5:0 rwm",
      "allow c 5:2 rwm",
      "allow c 136:* rwm",
    ],
  },
  "a privileged container's rules": {
    rules: [{ allow: true, access: "rwm" }, ...defaultDeviceRules],
    v1: ["allow a *:* rwm"],
  },
  "all but one disk, which may be read": {
    rules: [
      { allow: true, type: "a" },
      { allow: false, type: "b", major: 8, minor: 0, access: "w" },
    ],
    v1: ["allow a *:* rwm", "deny b 8:0 w"],
  },
  "rules that add up, in whatever order": {
    rules: [
      { allow: true, type: "c", major: 10, minor: 200, access: "w" },
      { allow: true, type: "c", major: 10, minor: 200, access: "mr" },
      { allow: true, type: "b", major: 8, minor: -1, access: "r" },
    ],
    v1: ["deny a *:* rwm", "allow b 8:* r", "allow c 10:200 rwm"],
  },
  "a rule that takes back a part of another": {
    rules: [
      { allow: true, type: "c", major: 10, minor: 200 },
      { allow: false, type: "c", major: 10, minor: 200, access: "wm" },
    ],
    v1: ["deny a *:* rwm", "allow c 10:200 r"],
  },
  "rules before one for all, which are forgotten": {
    rules: [
      { allow: true, type: "c", major: 10, minor: 200 },
      denyAll,
      { allow: true, type: "c", major: 1, minor: 3 },
    ],
    v1: ["deny a *:* rwm", "allow c 1:3 rwm"],
  },
};

for (const [title, { rules, v1 }] of Object.entries(policies))
  test(`${title}: the lines of v1, and a v2 program that allows the same`, () => {
    assert.deepEqual(lines(rules), v1);
    agrees(devicePolicy(rules));
  });

/** Every type and access on numbers in and around the policy's. */
function agrees(policy: DevicePolicy): void {
  const program = deviceFilter(policy);
  const numbers = [0, 1, 2, 3, 5, 7, 8, 10, 136, 200, 1_048_575];
  for (const [letter, type] of Object.entries(deviceTypes))
    for (let access = 1; access <= 7; access++)
      for (const major of numbers)
        for (const minor of numbers) {
          const allowed = interpret(program, { type, access, major, minor });
          const expected = allows(policy, { type: letter, access, major, minor });
          assert.equal(allowed === 1, expected, `${letter} ${major}:${minor} access ${access}`);
        }
}

/** security/device_cgroup.c: an exception that allows covers the whole access, one that denies any of it. */
function allows(
  policy: DevicePolicy,
  request: { readonly type: string; readonly access: number; readonly major: number; readonly minor: number },
): boolean {
  const matching = policy.exceptions
    .filter((e) => e.type === request.type)
    .filter(
      (e) => (e.major === "*" || e.major === request.major) && (e.minor === "*" || e.minor === request.minor),
    )
    .map((e) => [...e.access].reduce((bits, letter) => bits | deviceAccess[letter]!, 0));
  return policy.byDefault === "deny"
    ? matching.some((mask) => (request.access & ~mask) === 0)
    : !matching.some((mask) => (request.access & mask) !== 0);
}

test("a hole in a wildcard rule is refused, since v1 would not make it", () => {
  const rules: readonly DeviceRule[] = [
    { allow: true, type: "c", major: 10, access: "rw" },
    { allow: false, type: "c", major: 10, minor: 200, access: "r" },
  ];
  assert.throws(() => devicePolicy(rules), /cannot take the rule c 10:200 r out of c 10:\* rw/);
});

test("a device number that does not fit is refused", () => {
  assert.throws(
    () => devicePolicy([{ allow: true, type: "c", major: 2 ** 31, minor: 0 }]),
    /device number 2147483648/,
  );
});

test("the kernel's list of devices reads as the policy that was written", () => {
  const policy = devicePolicy([denyAll, ...defaultDeviceRules]);
  const list =
    "c 1:3 rwm\nb *:* m\nc *:* m\nc 1:5 rwm\nc 1:7 rwm\nc 1:8 rwm\nc 1:9 rwm\nc 5:0 rwm\nc 5:2 rwm\nc 136:* rwm\n";
  assert.deepEqual(parseDeviceList(list), policy);
  assert.deepEqual(parseDeviceList("a *:* rwm\n"), { byDefault: "allow", exceptions: [] });
});

test("a change of rules writes the differences only, what is added first", () => {
  const now = devicePolicy([
    { allow: true, type: "c", major: 1, minor: 3 },
    { allow: true, type: "c", major: 10, minor: 200 },
    { allow: true, type: "b", major: 8, access: "r" },
  ]);
  const then = devicePolicy([
    { allow: true, type: "c", major: 1, minor: 3 },
    { allow: true, type: "c", major: 10, minor: 200, access: "r" },
    { allow: true, type: "c", major: 10, minor: 229 },
  ]);
  assert.deepEqual(
    deviceTransition(now, then).map(({ file, line }) => `${file.slice(8)} ${line}`),
    ["allow c 10:229 rwm", "deny b 8:* r", "deny c 10:200 wm"],
  );
  assert.deepEqual(deviceTransition(now, now), []);
  assert.equal(deviceTransition(devicePolicy([{ allow: true }]), then)[0]!.line, "a *:* rwm");
});
