/** `--device-read-bps /dev/sda:1mb` and its like: a limit, or a weight, of one block device. */

import type { DeviceRate, DeviceWeight } from "../../../engine/container/spec.ts";
import { parseSize } from "../../flags/types/bytes.ts";
import { listOf } from "../../flags/types/text.ts";

export const bytesPerSecond = listOf((text): DeviceRate => {
  const [path, value] = split(text);
  return {
    path,
    rate: attempt(
      () => parseSize(value),
      `invalid rate for device: ${text}. The correct format is <device-path>:<number>[<unit>]. Number must be a positive integer. Unit is optional and can be kb, mb, or gb`,
    ),
  };
});

export const operationsPerSecond = listOf((text): DeviceRate => {
  const [path, value] = split(text);
  if (!/^\d+$/.test(value))
    throw new Error(
      `invalid rate for device: ${text}. The correct format is <device-path>:<number>. Number must be a positive integer`,
    );
  return { path, rate: Number(value) };
});

export const deviceWeights = listOf((text): DeviceWeight => {
  const [path, value] = split(text);
  const weight = /^\d+$/.test(value) ? Number(value) : -1;
  if (weight !== 0 && (weight < 10 || weight > 1000)) throw new Error(`invalid weight for device: ${text}`);
  return { path, weight };
});

function split(text: string): readonly [path: string, value: string] {
  const colon = text.indexOf(":");
  if (colon < 0) throw new Error(`bad format: ${text}`);
  if (!text.startsWith("/dev/")) throw new Error(`bad format for device path: ${text}`);
  return [text.slice(0, colon), text.slice(colon + 1)];
}

function attempt<T>(read: () => T, reason: string): T {
  try {
    return read();
  } catch (cause) {
    throw new Error(reason, { cause });
  }
}
