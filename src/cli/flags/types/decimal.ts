/**
 * `--cpus`: a number of CPUs, kept as billionths (nano CPUs). Fractions are exact: `1.5`, `1/2`, `15e-1`;
 * what is not a whole number of billionths is refused, as Docker does.
 */

import type { FlagType } from "../flag.ts";
import { parseDigits } from "./integer.ts";

export const nanoCpus: FlagType<number, undefined> = {
  word: "decimal",
  initial: undefined,
  read: parseNanoCpus,
};

const billion = 10n ** 9n;
/** More digits than any number of CPUs has; keeps `1e999999999` from taking the machine's memory. */
const mostExponent = 30n;

export function parseNanoCpus(value: string): number {
  const fraction = parseFraction(value) ?? parseDecimal(value);
  if (!fraction) throw new Error(`failed to parse ${value} as a rational number`);
  const nano = fraction.above * billion;
  if (nano % fraction.below !== 0n) throw new Error("value is too precise");
  return Number(nano / fraction.below);
}

interface Fraction {
  readonly above: bigint;
  readonly below: bigint;
}

function parseFraction(value: string): Fraction | undefined {
  const match = /^([+-]?)(\w+)(?:\/(\w+))?$/.exec(value);
  if (!match || (match[3] === undefined && /^0\d/.test(match[2]!))) return undefined;
  const above = parseDigits(match[2]!);
  const below = match[3] === undefined ? 1n : parseDigits(match[3]);
  if (above === undefined || below === undefined || below === 0n) return undefined;
  return { above: match[1] === "-" ? -above : above, below };
}

function parseDecimal(value: string): Fraction | undefined {
  const match = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(value);
  if (!match || (match[2] === "" && match[3] === "")) return undefined;
  const exponent = BigInt(match[4] ?? "0");
  if (exponent > mostExponent || exponent < -mostExponent) return undefined;
  const power = exponent - BigInt(match[3]!.length);
  const digits = BigInt(`${match[2]}${match[3]}`) * (match[1] === "-" ? -1n : 1n);
  return power < 0n ? { above: digits, below: 10n ** -power } : { above: digits * 10n ** power, below: 1n };
}
