/** The `--health-*` flags as one health check (image-spec, config.md; times in nanoseconds). */

import { BrigError } from "../../base/errors.ts";
import { present } from "../../base/present.ts";
import type { Healthcheck } from "../../spec/image/config.ts";
import type { OptionsOf } from "../flags/flag.ts";
import type { healthFlags } from "../options/container/health.ts";

export function healthOf(options: OptionsOf<typeof healthFlags>): Healthcheck | undefined {
  const times = {
    Interval: options.healthInterval,
    Timeout: options.healthTimeout,
    StartPeriod: options.healthStartPeriod,
    StartInterval: options.healthStartInterval,
  };
  const { healthCmd: command, healthRetries: retries } = options;
  for (const [name, value] of [...Object.entries(times), ["Retries", retries] as const])
    if (value !== undefined && value < 0)
      throw new BrigError("invalid", `--health-${flagOf(name)} cannot be negative`);
  const said = [command, retries, ...Object.values(times)].some((value) => value !== undefined);
  if (options.noHealthcheck) {
    if (said) throw new BrigError("invalid", "--no-healthcheck conflicts with --health-* options");
    return { Test: ["NONE"] };
  }
  if (!said) return undefined;
  const nanoseconds = Object.entries(times).map(([name, value]) => [
    name,
    value === undefined ? undefined : Math.round(value * 1e6),
  ]);
  return present({
    Test: command === undefined ? undefined : ["CMD-SHELL", command],
    ...(Object.fromEntries(nanoseconds) as Partial<Record<keyof typeof times, number>>),
    Retries: retries,
  });
}

/** "StartPeriod" → "start-period" */
function flagOf(name: string): string {
  return name.replace(/(?!^)[A-Z]/g, (c) => `-${c}`).toLowerCase();
}
