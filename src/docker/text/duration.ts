/** Spans of time in Go's syntax: `300ms`, `1m30s`, `1.5h`; the value is in milliseconds. */

import { quote } from "./quote.ts";

const milliseconds: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3, // U+00B5, the micro sign
  μs: 1e-3, // U+03BC, the Greek letter
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** time.ParseDuration: signed parts, each a decimal number and a unit. */
export function parseDuration(value: string): number {
  const invalid = () => new Error(`time: invalid duration ${quote(value)}`);
  const sign = value[0] === "-" ? -1 : 1;
  let left = value.replace(/^[+-]/, "");
  if (left === "0") return 0;
  if (left === "") throw invalid();
  let total = 0;
  while (left !== "") {
    const [part = "", number = "", unit = ""] = /^(\d*\.?\d*)([^\d.]*)/.exec(left) ?? [];
    if (!/\d/.test(number)) throw invalid();
    if (unit === "") throw new Error(`time: missing unit in duration ${quote(value)}`);
    const scale = Object.hasOwn(milliseconds, unit) ? milliseconds[unit] : undefined;
    if (scale === undefined) throw new Error(`time: unknown unit ${quote(unit)} in duration ${quote(value)}`);
    total += Number(number) * scale;
    left = left.slice(part.length);
  }
  return sign * total;
}
