/** Sizes as Docker's command line reads and prints them (go-units). */

import { BrigError } from "./errors.ts";

const binaryPowers: Readonly<Record<string, number>> = { "": 0, b: 0, k: 1, m: 2, g: 3, t: 4, p: 5 };
const sizePattern = /^(\d+(?:\.\d+)?) ?([kmgtp]?)(?:i?b)?$/i;

/** "512", "10m", "1.5GiB" → bytes, in powers of 1024 (go-units RAMInBytes). */
export function parseBytes(text: string): number {
  const match = sizePattern.exec(text);
  if (!match) throw new BrigError("invalid", `invalid size: '${text}'; use a number and b, k, m, g, t or p`);
  return Math.trunc(Number(match[1]) * 1024 ** (binaryPowers[match[2]!.toLowerCase()] ?? 0));
}

/** 67_108_864 → "64MiB": four significant digits, powers of 1024 (go-units BytesSize). */
export function binarySize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < binaryUnits.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${Number(value.toPrecision(4))}${binaryUnits[unit]}`;
}

const binaryUnits = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

const decimalUnits = ["B", "kB", "MB", "GB", "TB", "PB"] as const;

/** 188_743_680 → "189MB": so many significant digits, powers of 1000 (go-units HumanSizeWithPrecision). */
export function humanSize(bytes: number, precision = 3): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < decimalUnits.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${Number(value.toPrecision(precision))}${decimalUnits[unit]}`;
}
