/** The forms in which cgroup files give numbers. What is not there counts as nothing. */

import { readCgroupFile } from "../live/files.ts";
import type { Counter, Pressure, PressureLine } from "./stats.ts";

/** Where the files of a controller are. */
export interface StatsSource {
  readonly version: 1 | 2;
  readonly path: string;
}

/** The kernel's "max", which stands for 2^64 - 1 in runc's JSON. */
export const unlimited = 2n ** 64n - 1n;

export function counter(text: string | undefined): Counter | undefined {
  const word = text?.trim();
  if (word === "max") return unlimited;
  if (word === undefined || !/^-?\d+$/.test(word)) return undefined;
  const value = Number(word);
  return Number.isSafeInteger(value) ? value : BigInt(word);
}

export function readCounter({ path }: StatsSource, file: string): Counter | undefined {
  return counter(readCgroupFile(path, file));
}

/** Lines of a name and a number. */
export function readTable(
  { path }: StatsSource,
  file: string,
): Readonly<Record<string, Counter>> | undefined {
  const text = readCgroupFile(path, file);
  if (text === undefined) return undefined;
  const table: Record<string, Counter> = {};
  for (const line of text.split("\n")) {
    const at = line.indexOf(" ");
    const value = at < 0 ? undefined : counter(line.slice(at + 1));
    if (value !== undefined) table[line.slice(0, at)] = value;
  }
  return table;
}

/** Numbers with blanks between them. */
export function readRow({ path }: StatsSource, file: string): readonly Counter[] | undefined {
  return readCgroupFile(path, file)
    ?.trim()
    .split(/\s+/)
    .map((word) => counter(word) ?? 0);
}

export function times(value: Counter | undefined, factor: number): Counter | undefined {
  return value === undefined ? undefined : exact(BigInt(value) * BigInt(factor));
}

export function sum(a: Counter, b: Counter): Counter {
  return exact(BigInt(a) + BigInt(b));
}

export function exact(value: bigint): Counter {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}

/** The object without what is absent or 0: Go's `omitempty`. */
export function present<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const kept = Object.entries(fields).filter(
    ([, v]) => v !== undefined && v !== 0 && !(Array.isArray(v) && v.length === 0),
  );
  return Object.fromEntries(kept) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

/** `some avg10=0.00 avg60=0.00 avg300=0.00 total=0` */
export function readPressure({ version, path }: StatsSource, file: string): Pressure | undefined {
  const text = version === 2 ? readCgroupFile(path, file) : undefined;
  if (text === undefined) return undefined;
  const lines = text.split("\n").flatMap((line) => {
    const [kind, ...words] = line.split(" ");
    const values = Object.fromEntries(words.map((word) => word.split("=") as [string, string]));
    const [avg10, avg60, avg300] = [Number(values.avg10), Number(values.avg60), Number(values.avg300)];
    const parsed: PressureLine = { avg10, avg60, avg300, total: counter(values.total) ?? 0 };
    return kind ? [[kind, parsed] as const] : [];
  });
  return Object.fromEntries(lines);
}
