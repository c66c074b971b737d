/**
 * Device rules as properties of a unit. In v1 systemd empties and fills devices.allow whenever it looks at the unit again,
 * and would allow everything if it were not told what is allowed. In v2 it attaches a program of its own beside ours, if
 * it has rules at all; a device must please both, so there it is given none and ours alone decides.
 */

import { type Cgroup, directoryOf } from "../cgroup/cgroup.ts";
import type { DeviceException, DevicePolicy } from "../cgroup/devices/rules.ts";
import type { Property } from "./property.ts";

/** `devices` is the text of /proc/devices. */
export function deviceProperties(cgroup: Cgroup, policy: DevicePolicy, devices: string): readonly Property[] {
  if (directoryOf(cgroup, "devices")?.version !== 1) return [];
  const everything = policy.byDefault === "allow" && policy.exceptions.length === 0;
  // systemd knows no rules that deny; until the cgroup's own files are written again, nothing is better than everything.
  const allowed = policy.byDefault === "allow" ? [] : policy.exceptions;
  const names = groupNames(devices);
  const entries = allowed.flatMap((rule) => {
    const path = pathOf(rule, names);
    return path === undefined ? [] : [[path, rule.access]];
  });
  return [
    { name: "DevicePolicy", signature: "s", value: everything ? "auto" : "strict" },
    // An empty list forgets the one before.
    { name: "DeviceAllow", signature: "a(ss)", value: [] },
    ...(entries.length > 0 ? [{ name: "DeviceAllow", signature: "a(ss)", value: entries }] : []),
  ];
}

const kinds = { b: "block", c: "char" } as const;

/** systemd.resource-control(5), DeviceAllow=; undefined for what it has no words for: one minor of every major. */
function pathOf(
  { type, major, minor }: DeviceException,
  names: ReadonlyMap<string, string>,
): string | undefined {
  const kind = kinds[type];
  if (major === "*") return minor === "*" ? `${kind}-*` : undefined;
  if (minor !== "*") return `/dev/${kind}/${major}:${minor}`;
  const name = names.get(`${type} ${major}`);
  return name === undefined ? undefined : `${kind}-${name}`;
}

/** "Character devices:", "136 pts" → "c 136" is "pts"; a number may have several names, of which any will do. */
function groupNames(devices: string): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  let type = "c";
  for (const line of devices.split("\n")) {
    if (line.startsWith("Block")) type = "b";
    const [number, name] = line.trim().split(/\s+/);
    if (name !== undefined && /^\d+$/.test(number!)) names.set(`${type} ${number}`, name);
  }
  return names;
}
