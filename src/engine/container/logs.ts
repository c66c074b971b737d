/**
 * A container's log, as its shim writes it: one line `TIME STREAM F|P TEXT` each, P where the line goes on in the
 * next (the CRI's log format), in files that rotate: `container.log`, then `.1`, `.2` with what came before.
 */

import { existsSync, readFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { BrigError } from "../../base/errors.ts";
import type { EngineHost } from "../host.ts";
import { paths } from "../roots.ts";
import { followLog } from "./follow-log.ts";
import type { LogEntry, LogQuery } from "./info.ts";
import { parseLines, readRest } from "./log-lines.ts";
import { logSetting } from "./logging.ts";
import type { ContainerRecord } from "./records.ts";

export async function* readLogs(
  host: EngineHost,
  record: ContainerRecord,
  query: LogQuery,
): AsyncGenerator<LogEntry> {
  const setting = logSetting(record.spec.logging);
  if (!setting)
    throw new BrigError("unsupported", "configured logging driver does not support reading", {
      code: "no-log",
    });
  const path = paths.log(host.roots, record.id);
  const wanted = (entry: LogEntry) => isWanted(entry, query);
  const older = Array.from(
    { length: setting.files - 1 },
    (_, n) => `${path}.${setting.files - 1 - n}`,
  ).filter((file) => existsSync(file));
  const past = older.flatMap((file) => parseLines(readFileSync(file)).entries);
  if (!existsSync(path)) return yield* lastOf(past, query).filter(wanted);
  await using file = await open(path, "r");
  const present = await readRest(file, 0);
  yield* lastOf([...past, ...present.entries].filter(wanted), query);
  if (query.follow)
    for await (const entry of followLog(host, record, { file, position: present.end }))
      if (wanted(entry)) yield entry;
}

function lastOf(entries: readonly LogEntry[], { tail }: LogQuery): readonly LogEntry[] {
  if (tail === undefined) return entries;
  // A line in several parts counts once; between them may be what the other stream has said.
  const current = new Map<string, boolean>();
  let lines = 0;
  return entries
    .toReversed()
    .filter(({ stream, bytes }) => {
      if (bytes.at(-1) === newline || !current.has(stream)) current.set(stream, lines++ < tail);
      return current.get(stream);
    })
    .toReversed();
}

const newline = 0x0a;

function isWanted({ stream, time }: LogEntry, query: LogQuery): boolean {
  if (stream === "stdout" ? query.stdout === false : query.stderr === false) return false;
  if (query.since === undefined && query.until === undefined) return true;
  const at = nanoseconds(time);
  return (query.since === undefined || at >= query.since) && (query.until === undefined || at < query.until);
}

/** RFC 3339 with nine digits of a second. */
function nanoseconds(time: string): bigint {
  const dot = time.indexOf(".");
  const seconds = BigInt(Date.parse(`${time.slice(0, dot)}Z`)) / 1000n;
  return seconds * 1_000_000_000n + BigInt(time.slice(dot + 1, -1).padEnd(9, "0"));
}
