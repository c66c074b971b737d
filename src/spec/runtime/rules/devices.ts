/** Rules of device nodes (runtime-spec, config-linux.md#devices). */

import type { RuntimeConfig } from "../config.ts";
import { absolutePath, type Finding, invalid, repeated, warning } from "./finding.ts";

export function* deviceRules(config: RuntimeConfig): Iterable<Finding> {
  const clause = "config-linux.md#devices";
  const devices = config.linux?.devices ?? [];
  for (const [index, device] of devices.entries()) {
    const path = `linux.devices[${index}]`;
    yield* absolutePath(`${path}.path`, device.path, clause);
    for (const field of ["major", "minor"] as const) {
      const number = device[field];
      if (number === undefined ? device.type !== "p" : number < 0) {
        const reason = number === undefined ? `is required for type ${device.type}` : "must not be negative";
        yield invalid(`${path}.${field}`, reason, clause);
      }
    }
  }
  const numbered = devices
    .map((device, index) => ({ device, index }))
    .filter(({ device }) => device.type !== "p");
  const keys = repeated(numbered, ({ device: { type, major, minor } }) => {
    return `${type === "u" ? "c" : type} ${major}:${minor}`;
  });
  for (const key of keys) {
    yield warning(
      `linux.devices[${numbered[key]!.index}]`,
      "should not repeat a device given before",
      clause,
    );
  }
}
