/**
 * Block I/O: v1's blkio.*, of the scheduler that counts (BFQ, or CFQ before Linux 5.0) or else of the throttling layer,
 * which always does; v2's io.stat.
 */

import { readCgroupFile } from "../live/files.ts";
import { counter, present, readPressure, type StatsSource } from "./read.ts";
import type { BlockIoEntry, BlockIoStats } from "./stats.ts";

export function blockIoStats(source: StatsSource | undefined): BlockIoStats {
  if (!source) return {};
  return source.version === 1 ? legacy(source) : unified(source);
}

type Field = Exclude<keyof BlockIoStats, "psi">;

const served = { ioServicedRecursive: "io_serviced", ioServiceBytesRecursive: "io_service_bytes" } as const;
const scheduled: { readonly [F in Field]?: string } = {
  ...served,
  ioQueueRecursive: "io_queued",
  ioServiceTimeRecursive: "io_service_time",
  ioWaitTimeRecursive: "io_wait_time",
  ioMergedRecursive: "io_merged",
};

/** Families of files, the most telling first; a family counts when its first file says something. */
const families: readonly { readonly [F in Field]?: string }[] = [
  family("blkio.bfq.", "_recursive", { sectorsRecursive: "sectors", ...scheduled, ioTimeRecursive: "time" }),
  family("blkio.bfq.", "_recursive", served),
  family("blkio.", "_recursive", { sectorsRecursive: "sectors", ...scheduled, ioTimeRecursive: "time" }),
  family("blkio.throttle.", "_recursive", served),
  family("blkio.throttle.", "", served),
];

function family(prefix: string, suffix: string, names: { readonly [F in Field]?: string }) {
  return Object.fromEntries(
    Object.entries(names).map(([field, name]) => [field, `${prefix}${name}${suffix}`]),
  ) as { readonly [F in Field]?: string };
}

function legacy({ path }: StatsSource): BlockIoStats {
  for (const files of families) {
    const found = Object.entries(files).map(
      ([field, file]) => [field, entries(readCgroupFile(path, file))] as const,
    );
    if (found[0]![1].length > 0) return present(Object.fromEntries(found) as BlockIoStats);
  }
  return {};
}

/** `8:0 Read 4096`, or `8:0 8` without an operation; the last line is a total of all devices. */
function entries(text = ""): readonly BlockIoEntry[] {
  return text.split("\n").flatMap((line) => {
    const [, major, minor, op, value] = /^(\d+):(\d+)(?: ([A-Z]\w*))? (\d+)$/.exec(line) ?? [];
    return value === undefined ? [] : [entry(Number(major), Number(minor), op, value)];
  });
}

function entry(major: number, minor: number, op: string | undefined, value: string): BlockIoEntry {
  return present({ major, minor, op, value: counter(value) });
}

const operations: Readonly<Record<string, readonly [field: Field, op: string]>> = {
  rbytes: ["ioServiceBytesRecursive", "Read"],
  wbytes: ["ioServiceBytesRecursive", "Write"],
  rios: ["ioServicedRecursive", "Read"],
  wios: ["ioServicedRecursive", "Write"],
};

/** `8:0 rbytes=4096 wbytes=0 rios=1 wios=0 dbytes=0 dios=0` */
function unified(source: StatsSource): BlockIoStats {
  const found: { [F in Field]?: BlockIoEntry[] } = {};
  for (const line of (readCgroupFile(source.path, "io.stat") ?? "").split("\n")) {
    const [, major, minor, rest = ""] = /^(\d+):(\d+) (.*)$/.exec(line) ?? [];
    for (const [name, value] of rest.split(" ").map((word) => word.split("=") as [string, string])) {
      const [field, op] = operations[name] ?? [];
      if (field) (found[field] ??= []).push(entry(Number(major), Number(minor), op, value));
    }
  }
  const psi = readPressure(source, "io.pressure");
  return { ...found, ...(psi ? { psi } : {}) };
}
