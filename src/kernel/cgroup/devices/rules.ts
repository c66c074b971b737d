/**
 * Device rules (runtime-spec, config-linux.md#allowed-device-list) → what is allowed in the end.
 *
 * The rules are read one after the other, as v1's devices.allow and devices.deny take them: a rule for "a" (all)
 * forgets everything before it and sets the default; any other adds an exception to the default, or takes one away. v2's
 * program is made from the same result, so that both versions allow the same.
 */

import { BrigError } from "../../../base/errors.ts";
import type { DeviceRule } from "../../../spec/runtime/resources.ts";

export interface DevicePolicy {
  /** What happens to a device of which no exception speaks. */
  readonly byDefault: "allow" | "deny";
  /** Of the opposite; ordered by number and type. */
  readonly exceptions: readonly DeviceException[];
}

export interface DeviceException {
  readonly type: "b" | "c";
  readonly major: DeviceNumber;
  readonly minor: DeviceNumber;
  /** Of "r", "w" and "m", in this order. */
  readonly access: string;
}

export type DeviceNumber = number | "*";

/** What every container may do, after its own rules, in Docker as in runc (specconv.AllowedDevices). */
// biome-ignore format: a table
export const defaultDeviceRules: readonly DeviceRule[] = [
  { allow: true, type: "c", access: "m" },                           // mknod of anything: opening it is what counts
  { allow: true, type: "b", access: "m" },
  { allow: true, type: "c", major: 1, minor: 3, access: "rwm" },     // null
  { allow: true, type: "c", major: 1, minor: 8, access: "rwm" },     // random
  { allow: true, type: "c", major: 1, minor: 7, access: "rwm" },     // full
  { allow: true, type: "c", major: 5, minor: 0, access: "rwm" },     // tty
  { allow: true, type: "c", major: 1, minor: 5, access: "rwm" },     // zero
  { allow: true, type: "c", major: 1, minor: 9, access: "rwm" },     // urandom
  { allow: true, type: "c", major: 136, access: "rwm" },             // pts/*
  { allow: true, type: "c", major: 5, minor: 2, access: "rwm" },     // ptmx
];

export function devicePolicy(rules: readonly DeviceRule[]): DevicePolicy {
  let byDefault: DevicePolicy["byDefault"] = "deny";
  const exceptions = new Map<string, DeviceException>();
  for (const rule of rules) {
    if (rule.type === undefined || rule.type === "a") {
      byDefault = rule.allow ? "allow" : "deny";
      exceptions.clear();
      continue;
    }
    const exception = exceptionOf(rule.type, rule);
    if (rule.allow === (byDefault === "deny")) add(exceptions, exception);
    else remove(exceptions, exception);
  }
  return { byDefault, exceptions: [...exceptions.values()].sort(byNumber) };
}

/** As it is written to devices.allow: "c 136:* rwm". */
export function ruleText({ type, major, minor, access }: DeviceException): string {
  return `${type} ${major}:${minor} ${access}`;
}

export function sameDevices(a: DeviceException, b: DeviceException): boolean {
  return keyOf(a) === keyOf(b);
}

/** The letters of `a` that `b` does not have. */
export function accessBeyond(a: string, b: string): string {
  return [...a].filter((letter) => !b.includes(letter)).join("");
}

function keyOf({ type, major, minor }: Omit<DeviceException, "access">): string {
  return `${type} ${major}:${minor}`;
}

function exceptionOf(type: "b" | "c", rule: DeviceRule): DeviceException {
  const { major, minor, access = "rwm" } = rule;
  return { type, major: numberOf(major), minor: numberOf(minor), access: inOrder(access) };
}

/** Absent, or -1 as Docker writes it, is any number. Others are kept to what an instruction can compare with. */
function numberOf(value: DeviceRule["major"]): DeviceNumber {
  if (value === undefined || Number(value) === -1) return "*";
  if (value < 0 || value > 0x7fff_ffff)
    throw new BrigError("invalid", `cannot use the device number ${value}`);
  return Number(value);
}

function inOrder(access: string): string {
  return [..."rwm"].filter((letter) => access.includes(letter)).join("");
}

function add(exceptions: Map<string, DeviceException>, exception: DeviceException): void {
  const key = keyOf(exception);
  const access = inOrder(exception.access + (exceptions.get(key)?.access ?? ""));
  exceptions.set(key, { ...exception, access });
}

/** v1 silently ignores the removal of a part of a wildcard; whoever asks for it believes in a protection. */
function remove(exceptions: Map<string, DeviceException>, exception: DeviceException): void {
  const { type, major, minor, access } = exception;
  for (const wider of [
    { type, major: "*", minor },
    { type, major, minor: "*" },
    { type, major: "*", minor: "*" },
  ] as const) {
    const other = exceptions.get(keyOf(wider));
    if (
      keyOf(wider) !== keyOf(exception) &&
      other &&
      [...access].some((letter) => other.access.includes(letter))
    )
      throw new BrigError(
        "invalid",
        `cannot take the rule ${ruleText(exception)} out of ${ruleText(other)}: device rules have no holes`,
      );
  }
  const key = keyOf(exception);
  const left = accessBeyond(exceptions.get(key)?.access ?? "", access);
  if (left === "") exceptions.delete(key);
  else exceptions.set(key, { ...exception, access: left });
}

function byNumber(a: DeviceException, b: DeviceException): number {
  const rank = (n: DeviceNumber) => (n === "*" ? -1 : n);
  return rank(a.major) - rank(b.major) || rank(a.minor) - rank(b.minor) || (a.type < b.type ? -1 : 1);
}
