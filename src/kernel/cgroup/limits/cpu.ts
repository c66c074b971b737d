/** linux.resources.cpu (runtime-spec, config-linux.md#cpu) without the CPU sets. Times are microseconds. */

import { BrigError } from "../../../base/errors.ts";
import type { Cpu } from "../../../spec/runtime/resources.ts";
import type { Int64 } from "../../../spec/schema/scalars.ts";
import { given, notInV2, type Setting, type SettingContext, type Settings } from "../setting.ts";

export function cpuLimits(cpu: Cpu, context: SettingContext): Settings {
  return context.version === 1 ? legacy(cpu, context) : unified(cpu, context);
}

const at = "linux.resources.cpu";
const controller = "cpu";
const kind = "setting";

function* legacy(cpu: Cpu, context: SettingContext): Settings {
  // An idle group has no shares to set: it stops being idle before, and becomes idle after.
  const idle = idleSetting(cpu.idle);
  if (idle && Number(cpu.idle) === 0) yield idle;
  if (given(cpu.shares)) yield sharesSetting(cpu.shares);
  yield* legacyQuota(cpu, context);
  if (idle && Number(cpu.idle) !== 0) yield idle;
  yield* legacyRealtime(cpu, context);
}

/** The kernel would clamp the value without a word (MIN_SHARES, MAX_SHARES in kernel/sched/core.c). */
function sharesSetting(shares: Int64): Setting {
  const [least, most] = [2, 262_144];
  const bound = shares < least ? `minimum allowed is ${least}` : `maximum allowed is ${most}`;
  if (shares < least || shares > most)
    throw new BrigError("invalid", `cannot set cpu-shares to ${shares}: the ${bound}`);
  const why = `give it ${shares} CPU shares`;
  return { kind, controller, file: "cpu.shares", value: String(shares), why, from: `${at}.shares` };
}

/**
 * Quota, period and burst are checked against each other. A new cgroup has no quota, so that the order below always
 * passes; in one that has, what is refused first is tried again when the others have changed.
 */
function* legacyQuota(cpu: Cpu, { update }: SettingContext): Settings {
  const burst = burstSetting(cpu.burst, "cpu.cfs_burst_us");
  const period: Setting | undefined = given(cpu.period)
    ? {
        kind,
        controller,
        file: "cpu.cfs_period_us",
        value: String(cpu.period),
        why: `account for CPU time every ${cpu.period} µs`,
        from: `${at}.period`,
      }
    : undefined;
  if (update && burst) yield { ...burst, forgive: ["EINVAL"] };
  if (period) yield update && given(cpu.quota) ? { ...period, forgive: ["EINVAL"] } : period;
  if (given(cpu.quota)) {
    yield {
      kind,
      controller,
      file: "cpu.cfs_quota_us",
      value: String(cpu.quota),
      why: `limit CPU time in a period to ${cpu.quota} µs`,
      from: `${at}.quota`,
    };
    if (update && period) yield period;
  }
  if (burst) yield burst;
}

/** The parents must have realtime of their own to hand out; that is for the administrator to arrange. */
function* legacyRealtime({ realtimePeriod, realtimeRuntime }: Cpu, { update }: SettingContext): Settings {
  const period: Setting | undefined = given(realtimePeriod)
    ? {
        kind,
        controller,
        file: "cpu.rt_period_us",
        value: String(realtimePeriod),
        why: `account for realtime every ${realtimePeriod} µs`,
        from: `${at}.realtimePeriod`,
        optional: true,
      }
    : undefined;
  if (period) yield update && given(realtimeRuntime) ? { ...period, forgive: ["EINVAL"] } : period;
  if (!given(realtimeRuntime)) return;
  yield {
    kind,
    controller,
    file: "cpu.rt_runtime_us",
    value: String(realtimeRuntime),
    why: `limit realtime in a period to ${realtimeRuntime} µs`,
    from: `${at}.realtimeRuntime`,
    optional: true,
  };
  if (update && period) yield period;
}

function* unified(cpu: Cpu, { update }: SettingContext): Settings {
  const idle = idleSetting(cpu.idle);
  if (idle && Number(cpu.idle) === 0) yield idle;
  if (given(cpu.shares)) {
    const weight = sharesToWeight(cpu.shares);
    yield {
      kind,
      controller,
      file: "cpu.weight",
      value: String(weight),
      why: `give it the CPU weight ${weight} for ${cpu.shares} shares`,
      from: `${at}.shares`,
    };
  }
  const burst = burstSetting(cpu.burst, "cpu.max.burst");
  if (update && burst) yield { ...burst, forgive: ["EINVAL"] };
  if (given(cpu.quota) || given(cpu.period)) {
    const quota = given(cpu.quota) && cpu.quota > 0 ? String(cpu.quota) : "max";
    const period = given(cpu.period) ? cpu.period : defaultPeriod;
    yield {
      kind,
      controller,
      file: "cpu.max",
      value: `${quota} ${period}`,
      why: `limit CPU time to ${quota} of every ${period} µs`,
      from: given(cpu.quota) ? `${at}.quota` : `${at}.period`,
    };
  }
  if (burst) yield burst;
  if (idle && Number(cpu.idle) !== 0) yield idle;
  if (given(cpu.realtimePeriod)) yield notInV2(`${at}.realtimePeriod`, "set the realtime period");
  if (given(cpu.realtimeRuntime)) yield notInV2(`${at}.realtimeRuntime`, "limit realtime");
}

/** Documentation/admin-guide/cgroup-v2.rst, cpu.max */
const defaultPeriod = 100_000;

/**
 * v1 shares (2 … 262144, default 1024) → v2 weight (1 … 10000, default 100), as runc 1.3.2, crun 1.23 and Kubernetes
 * have it: a quadratic in log2(shares) through those three points. The line that was used before,
 * 1 + (shares - 2) * 9999 / 262142, made of the default 1024 a weight of 39, less than a neighbour's 100.
 */
export function sharesToWeight(shares: Int64): number {
  if (shares <= 2) return 1;
  if (shares >= 262_144) return 10_000;
  const l = Math.log2(Number(shares));
  return Math.ceil(10 ** ((l * l + 125 * l) / 612 - 7 / 34));
}

function idleSetting(idle: Int64 | undefined): Setting | undefined {
  if (idle === undefined) return undefined;
  const why = Number(idle) === 0 ? "schedule it as usual" : "schedule it only on idle CPUs";
  return { kind, controller, file: "cpu.idle", value: String(idle), why, from: `${at}.idle`, optional: true };
}

function burstSetting(burst: Int64 | undefined, file: string): Setting | undefined {
  if (burst === undefined) return undefined;
  return {
    kind,
    controller,
    file,
    value: String(burst),
    why: `let it save up ${burst} µs of CPU time for bursts`,
    from: `${at}.burst`,
    optional: true,
    // A burst of 0 is what a kernel before 5.14 has anyway.
    ...(Number(burst) === 0 ? { forgive: ["ENOENT"] as const } : {}),
  };
}
