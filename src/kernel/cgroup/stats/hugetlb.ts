/** Huge pages by size, as far as the cgroup has files for them. */

import { readdirSync } from "node:fs";
import { codeOf, failure } from "../live/files.ts";
import { present, readCounter, readTable, type StatsSource } from "./read.ts";
import type { HugetlbStats } from "./stats.ts";

export function hugetlbStats(source: StatsSource | undefined): Readonly<Record<string, HugetlbStats>> {
  if (!source) return {};
  const suffix = source.version === 1 ? "usage_in_bytes" : "current";
  const sizes = filesOf(source.path).flatMap(
    (file) => new RegExp(`^hugetlb\\.([^.]+)\\.${suffix}$`).exec(file)?.[1] ?? [],
  );
  return Object.fromEntries(sizes.map((size) => [size, entryOf(source, `hugetlb.${size}`)]));
}

function filesOf(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw failure(`list ${path}`, error);
  }
}

/** Reservations count where the kernel knows them (Linux 5.7), as with runc. */
function entryOf(source: StatsSource, prefix: string): HugetlbStats {
  if (source.version === 2) {
    const failed = readTable(source, `${prefix}.events`)?.max;
    return { ...present({ usage: readCounter(source, `${prefix}.current`) }), failcnt: failed ?? 0 };
  }
  const reserved = readCounter(source, `${prefix}.rsvd.usage_in_bytes`);
  const name = reserved === undefined ? prefix : `${prefix}.rsvd`;
  return {
    ...present({
      usage: readCounter(source, `${name}.usage_in_bytes`),
      max: readCounter(source, `${name}.max_usage_in_bytes`),
    }),
    failcnt: readCounter(source, `${name}.failcnt`) ?? 0,
  };
}
