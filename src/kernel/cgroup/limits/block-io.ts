/**
 * linux.resources.blockIO (runtime-spec, config-linux.md#block-io).
 *
 * Weights belong to an I/O scheduler: v1's CFQ went with Linux 5.0 and BFQ has files of its own name. What neither
 * scheduler offers fails with "no such file or directory", as with runc.
 */

import type { BlockIO, ThrottleDevice } from "../../../spec/runtime/resources.ts";
import { notInV2, type SettingContext, type Settings } from "../setting.ts";

export function blockIoLimits(io: BlockIO, { version }: SettingContext): Settings {
  return version === 1 ? legacy(io) : unified(io);
}

const at = "linux.resources.blockIO";
const kind = "setting";

interface Throttle {
  readonly field: keyof BlockIO & `throttle${string}`;
  readonly legacy: string;
  readonly unified: string;
  readonly text: string;
}

// biome-ignore format: a table
const throttles: readonly Throttle[] = [
  { field: "throttleReadBpsDevice", legacy: "blkio.throttle.read_bps_device", unified: "rbps", text: "bytes read" },
  { field: "throttleWriteBpsDevice", legacy: "blkio.throttle.write_bps_device", unified: "wbps", text: "bytes written" },
  { field: "throttleReadIOPSDevice", legacy: "blkio.throttle.read_iops_device", unified: "riops", text: "reads" },
  { field: "throttleWriteIOPSDevice", legacy: "blkio.throttle.write_iops_device", unified: "wiops", text: "writes" },
];

function* legacy(io: BlockIO): Settings {
  const controller = "blkio";
  const weighted = (name: string, value: string, why: string, from: string) =>
    ({
      kind,
      controller,
      file: `blkio.${name}`,
      value,
      why,
      from: `${at}.${from}`,
      instead: { file: `blkio.bfq.${name}`, value },
    }) as const;
  if (io.weight)
    yield weighted("weight", String(io.weight), `give its I/O the weight ${io.weight}`, "weight");
  if (io.leafWeight)
    yield weighted(
      "leaf_weight",
      String(io.leafWeight),
      `give its own I/O the weight ${io.leafWeight}`,
      "leafWeight",
    );
  for (const [i, d] of (io.weightDevice ?? []).entries()) {
    const device = `${d.major}:${d.minor}`;
    const from = `weightDevice[${i}]`;
    const why = (weight: number) => `give its I/O to the device ${device} the weight ${weight}`;
    if (d.weight) yield weighted("weight_device", `${device} ${d.weight}`, why(d.weight), from);
    if (d.leafWeight)
      yield weighted("leaf_weight_device", `${device} ${d.leafWeight}`, why(d.leafWeight), from);
  }
  for (const { throttle, device, from } of throttled(io))
    yield {
      kind,
      controller,
      file: throttle.legacy,
      value: `${device.major}:${device.minor} ${device.rate}`,
      why: throttleText(throttle, device),
      from,
    };
}

function* unified(io: BlockIO): Settings {
  const controller = "io";
  if (io.weight)
    yield {
      kind,
      controller,
      file: "io.bfq.weight",
      value: String(io.weight),
      why: `give its I/O the weight ${io.weight}`,
      from: `${at}.weight`,
      instead: { file: "io.weight", value: String(weightToIoWeight(io.weight)) },
    };
  if (io.leafWeight) yield notInV2(`${at}.leafWeight`, "give its own I/O a weight");
  for (const [i, d] of (io.weightDevice ?? []).entries()) {
    const from = `${at}.weightDevice[${i}]`;
    if (d.weight)
      yield {
        kind,
        controller,
        file: "io.bfq.weight",
        value: `${d.major}:${d.minor} ${d.weight}`,
        why: `give its I/O to the device ${d.major}:${d.minor} the weight ${d.weight}`,
        from,
      };
    if (d.leafWeight) yield notInV2(from, "give its own I/O a weight");
  }
  for (const { throttle, device, from } of throttled(io))
    yield {
      kind,
      controller,
      file: "io.max",
      value: `${device.major}:${device.minor} ${throttle.unified}=${device.rate}`,
      why: throttleText(throttle, device),
      from,
    };
}

function* throttled(io: BlockIO) {
  for (const throttle of throttles)
    for (const [i, device] of (io[throttle.field] ?? []).entries())
      yield { throttle, device, from: `${at}.${throttle.field}[${i}]` };
}

function throttleText({ text }: Throttle, { major, minor, rate }: ThrottleDevice): string {
  return `limit ${text} on the device ${major}:${minor} to ${rate} a second`;
}

/** blkio.weight (10 … 1000) → io.weight (1 … 10000), the straight line that runc and crun draw. */
export function weightToIoWeight(weight: number): number {
  return 1 + Math.trunc(((weight - 10) * 9999) / 990);
}
