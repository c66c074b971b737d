/**
 * linux.resources.memory (runtime-spec, config-linux.md#memory). Limits are bytes, and -1 is unlimited.
 *
 * `swap` counts memory and swap together, as v1 does (memory.memsw.limit_in_bytes); v2 counts swap alone
 * (memory.swap.max), so that the memory limit is subtracted. `kernel` and `useHierarchy` are read by no runtime any
 * more, and the kernel ignores what was written there.
 */

import { BrigError } from "../../../base/errors.ts";
import type { Memory } from "../../../spec/runtime/resources.ts";
import type { Int64 } from "../../../spec/schema/scalars.ts";
import { given, notInV2, type Setting, type SettingContext, type Settings, sizeText } from "../setting.ts";

export function memoryLimits(memory: Memory, context: SettingContext): Settings {
  return context.version === 1 ? legacy(memory, context) : unified(memory);
}

const at = "linux.resources.memory";
const controller = "memory";
const kind = "setting";

function* legacy(memory: Memory, context: SettingContext): Settings {
  yield* legacyLimits(memory, context);
  const { reservation, kernelTCP, swappiness } = memory;
  if (given(reservation))
    yield {
      kind,
      controller,
      file: "memory.soft_limit_in_bytes",
      value: String(reservation),
      why: `reserve ${sizeText(reservation)} of memory`,
      from: `${at}.reservation`,
    };
  if (given(kernelTCP))
    yield {
      kind,
      controller,
      file: "memory.kmem.tcp.limit_in_bytes",
      value: String(kernelTCP),
      why: `limit memory of TCP buffers to ${sizeText(kernelTCP)}`,
      from: `${at}.kernelTCP`,
      optional: true,
    };
  if (memory.disableOOMKiller)
    yield {
      kind,
      controller,
      file: "memory.oom_control",
      value: "1",
      why: "let processes wait for memory instead of killing them",
      from: `${at}.disableOOMKiller`,
      optional: true,
    };
  if (swappiness !== undefined)
    yield {
      kind,
      controller,
      file: "memory.swappiness",
      value: String(swappiness),
      why: `set swappiness to ${swappiness}`,
      from: `${at}.swappiness`,
      optional: true,
    };
}

/** The kernel never lets memory exceed memory and swap: growing begins with the sum, shrinking with memory. */
function* legacyLimits({ limit, swap }: Memory, { update }: SettingContext): Settings {
  const memory: Setting[] = given(limit)
    ? [
        {
          kind,
          controller,
          file: "memory.limit_in_bytes",
          value: String(limit),
          why: `limit memory to ${sizeText(limit)}`,
          from: `${at}.limit`,
        },
      ]
    : [];
  const both = legacySwap(limit, swap);
  const growing = update && given(swap) && (Number(swap) === -1 || update.memoryLimit < BigInt(swap));
  const unlimiting = update && Number(limit) === -1;
  yield* growing || unlimiting ? [...both, ...memory] : [...memory, ...both];
}

function legacySwap(limit: Int64 | undefined, swap: Int64 | undefined): Setting[] {
  const base = { kind, controller, file: "memory.memsw.limit_in_bytes" } as const;
  if (given(swap)) {
    const why = `limit memory and swap to ${sizeText(swap)}`;
    return [{ ...base, value: String(swap), why, from: `${at}.swap`, optional: true }];
  }
  if (Number(limit) !== -1) return [];
  // Memory without limit means nothing while the sum has one. Kernels without swap accounting lack the file.
  const why = "lift the limit of memory and swap";
  return [{ ...base, value: "-1", why, from: `${at}.limit`, forgive: ["ENOENT"] }];
}

function* unified(memory: Memory): Settings {
  const swap = swapAlone(memory.limit, memory.swap);
  if (swap !== undefined)
    yield {
      kind,
      controller,
      file: "memory.swap.max",
      value: swap,
      why: swap === "0" ? "forbid swap" : `limit swap to ${swap === "max" ? swap : sizeText(BigInt(swap))}`,
      from: `${at}.swap`,
      // Without swap in the kernel nothing can be swapped, which is what "none" and "any" both allow.
      ...(swap === "0" || swap === "max" ? { forgive: ["ENOENT"] as const } : {}),
    };
  for (const [field, file, verb] of [
    ["limit", "memory.max", "limit memory to"],
    ["reservation", "memory.low", "protect memory up to"],
  ] as const) {
    const value = memory[field];
    if (given(value))
      yield {
        kind,
        controller,
        file,
        value: orMax(value),
        why: `${verb} ${sizeText(value)}`,
        from: `${at}.${field}`,
      };
  }
  if (given(memory.kernelTCP)) yield notInV2(`${at}.kernelTCP`, "limit memory of TCP buffers");
  if (memory.disableOOMKiller) yield notInV2(`${at}.disableOOMKiller`, "disable the OOM killer");
  if (memory.swappiness !== undefined) yield notInV2(`${at}.swappiness`, "set swappiness");
}

function orMax(value: Int64): string {
  return Number(value) === -1 ? "max" : String(value);
}

/** What memory.swap.max has to be; undefined leaves it alone. */
export function swapAlone(limit: Int64 | undefined, swap: Int64 | undefined): string | undefined {
  if (!given(swap)) return Number(limit) === -1 ? "max" : undefined;
  if (Number(swap) === -1) return "max";
  if (Number(limit) === -1) return String(swap);
  if (!given(limit))
    throw new BrigError("invalid", "cannot limit swap: cgroup v2 needs the memory limit as well; give both");
  if (BigInt(swap) < BigInt(limit))
    throw new BrigError(
      "invalid",
      `cannot limit swap to ${sizeText(swap)}: it counts memory too, and must be at least ${sizeText(limit)}`,
    );
  return String(BigInt(swap) - BigInt(limit));
}
