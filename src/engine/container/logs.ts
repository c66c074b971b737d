/**
 * A container's log, as its shim writes it: one line `TIME STREAM F|P TEXT` each, P where the line goes on in the
 * next (the CRI's log format), in files that rotate: `container.log`, then `.1`, `.2` with what came before.
 */

import { BrigError } from "../../base/errors.ts";
import type { EngineHost } from "../host.ts";
import { paths } from "../roots.ts";
import { followLog } from "./follow-log.ts";
import type { LogEntry, LogQuery } from "./info.ts";
import { LogCursor } from "./log-cursor.ts";
import { logSetting } from "./logging.ts";
import type { ContainerRecord } from "./records.ts";

/** As many entries at a time as a piece of a file has. */
export async function* readLogs(
  host: EngineHost,
  record: ContainerRecord,
  query: LogQuery,
): AsyncGenerator<readonly LogEntry[]> {
  const setting = logSetting(record.spec.logging);
  if (!setting)
    throw new BrigError("unsupported", "configured logging driver does not support reading", {
      code: "no-log",
    });
  await using cursor = await LogCursor.atOldest(paths.log(host.roots, record.id), setting.files);
  if (!cursor) return;
  yield* lastOf(wantedOf(present(cursor), query), query);
  if (query.follow) yield* wantedOf(followLog(host, record, cursor), query);
}

/** What the log has now; a container that writes as fast as it is read makes it no longer. */
async function* present(cursor: LogCursor): AsyncGenerator<readonly LogEntry[]> {
  const end = cursor.newest();
  for (;;) {
    const isLast = (await cursor.inode()) === end?.inode;
    yield* cursor.rest(isLast ? end?.size : undefined);
    // Where rotation has dropped even that, the cursor stands behind it.
    if (isLast || end === undefined || !cursor.isKept(end.inode) || !(await cursor.advance())) return;
  }
}

async function* wantedOf(
  pieces: AsyncIterable<readonly LogEntry[]>,
  query: LogQuery,
): AsyncGenerator<readonly LogEntry[]> {
  const all = query.stdout !== false && query.stderr !== false && query.since === undefined;
  if (all && query.until === undefined) return yield* pieces;
  for await (const entries of pieces) {
    const wanted = entries.filter((entry) => isWanted(entry, query));
    if (wanted.length > 0) yield wanted;
  }
}

/** Holds no more than twice what is asked for. */
async function* lastOf(
  pieces: AsyncIterable<readonly LogEntry[]>,
  { tail }: LogQuery,
): AsyncGenerator<readonly LogEntry[]> {
  if (tail === undefined) return yield* pieces;
  let kept: readonly LogEntry[] = [];
  let fresh: LogEntry[] = [];
  for await (const entries of pieces) {
    fresh.push(...entries);
    if (fresh.length < kept.length) continue;
    kept = lastLines([...kept, ...fresh], tail);
    fresh = [];
  }
  yield lastLines([...kept, ...fresh], tail);
}

function lastLines(entries: readonly LogEntry[], count: number): readonly LogEntry[] {
  // A line in several parts counts once; between them may be what the other stream has said.
  const current = new Map<string, boolean>();
  let lines = 0;
  return entries
    .toReversed()
    .filter(({ stream, bytes }) => {
      if (bytes.at(-1) === newline || !current.has(stream)) current.set(stream, lines++ < count);
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
