/** The device rules of v1 (Documentation/admin-guide/cgroup-v1/devices.rst): lines for devices.allow and devices.deny. */

import {
  accessBeyond,
  type DeviceException,
  type DevicePolicy,
  devicePolicy,
  ruleText,
  sameDevices,
} from "./rules.ts";

export interface DeviceLine {
  readonly file: "devices.allow" | "devices.deny";
  readonly line: string;
}

/** From whatever a cgroup allows to the policy: the default first, which forgets all exceptions. */
export function deviceLines(policy: DevicePolicy): readonly DeviceLine[] {
  return [
    { file: `devices.${policy.byDefault}`, line: "a *:* rwm" },
    ...policy.exceptions.map((e) => ({ file: against(policy), line: ruleText(e) })),
  ];
}

/**
 * From one policy to the other without a moment in which a running process is denied what both allow. A cgroup that
 * allows by default does not list its exceptions, so there is no way to keep them.
 */
export function deviceTransition(now: DevicePolicy, then: DevicePolicy): readonly DeviceLine[] {
  if (now.byDefault === "allow" || then.byDefault === "allow") return deviceLines(then);
  return [
    ...difference(then, now).map((e) => ({ file: "devices.allow", line: ruleText(e) }) as const),
    ...difference(now, then).map((e) => ({ file: "devices.deny", line: ruleText(e) }) as const),
  ];
}

/** `devices.list`: "a *:* rwm" where all is allowed, else what is. */
export function parseDeviceList(text: string): DevicePolicy {
  const number = (word: string | undefined) => (word === "*" ? -1 : Number(word));
  const rules = text
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const [type, major, minor, access] = line.split(/[ :]/);
      const numbers = { major: number(major), minor: number(minor) };
      return { allow: true, type: type as "a" | "b" | "c", ...numbers, access: access ?? "rwm" };
    });
  return devicePolicy(rules);
}

function against(policy: DevicePolicy): DeviceLine["file"] {
  return policy.byDefault === "deny" ? "devices.allow" : "devices.deny";
}

function difference(of: DevicePolicy, from: DevicePolicy): readonly DeviceException[] {
  return of.exceptions.flatMap((exception) => {
    const there = from.exceptions.find((other) => sameDevices(other, exception));
    const access = accessBeyond(exception.access, there?.access ?? "");
    return access === "" ? [] : [{ ...exception, access }];
  });
}
