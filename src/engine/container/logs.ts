/**
 * A container's log, as its shim writes it: one line `TIME STREAM F|P TEXT` each, P where the line goes on in the
 * next (the CRI's log format), in files that rotate: `container.log`, then `.1`, `.2` with what came before.
 */

import { existsSync, readFileSync, statSync, watch } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { EngineHost } from "../host.ts";
import { paths } from "../roots.ts";
import { isAlive } from "./alive.ts";
import type { LogEntry, LogQuery } from "./info.ts";
import { type ContainerRecord, isLive, readContainer } from "./records.ts";
import { exitOf } from "./settle.ts";

/** A reader that follows looks again at least this often, as a notification may be lost. */
const patience = 200;

export async function* readLogs(
  host: EngineHost,
  record: ContainerRecord,
  query: LogQuery,
): AsyncGenerator<LogEntry> {
  const path = paths.log(host.roots, record.id);
  const wanted = (entry: LogEntry) => isWanted(entry, query);
  const older = [3, 2, 1].map((n) => `${path}.${n}`).filter((file) => existsSync(file));
  const past = older.flatMap((file) => parseLines(readFileSync(file)).entries);
  if (!existsSync(path)) return yield* lastOf(past, query).filter(wanted);
  await using file = await open(path, "r");
  const present = await readRest(file, 0);
  yield* lastOf([...past, ...present.entries].filter(wanted), query);
  if (query.follow)
    for await (const entry of follow(host, record, path, file, present.end)) if (wanted(entry)) yield entry;
}

function lastOf(entries: readonly LogEntry[], { tail }: LogQuery): readonly LogEntry[] {
  if (tail === undefined) return entries;
  // A line in several parts counts once.
  let lines = 0;
  let from = entries.length;
  while (from > 0 && lines <= tail) {
    const before = entries[from - 1]!;
    if (before.bytes.at(-1) === newline || from === entries.length) lines++;
    if (lines > tail) break;
    from--;
  }
  return entries.slice(from);
}

async function* follow(
  host: EngineHost,
  record: ContainerRecord,
  path: string,
  first: FileHandle,
  from: number,
): AsyncGenerator<LogEntry> {
  let file = first;
  let position = from;
  const opened: FileHandle[] = [];
  try {
    for (;;) {
      const running = isRunning(host, record);
      const inode = (await file.stat()).ino;
      const { entries, end } = await readRest(file, position);
      yield* entries;
      position = end;
      const current = statSync(path, { throwIfNoEntry: false });
      if (current && current.ino !== inode) {
        file = await open(path, "r");
        opened.push(file);
        position = 0;
      } else if (entries.length === 0) {
        if (!running) return;
        await changed(path);
      }
    }
  } finally {
    for (const each of opened) await each.close();
  }
}

function isRunning(host: EngineHost, { id }: ContainerRecord): boolean {
  const record = readContainer(host.database, id);
  return record !== undefined && isLive(record) && isAlive(host, record) && !exitOf(host, record);
}

/** Resolves when the file has changed, or after a moment. */
function changed(path: string): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(path, () => finish());
    const timer = setTimeout(() => finish(), patience);
    const finish = () => {
      clearTimeout(timer);
      watcher.close();
      resolve();
    };
    watcher.on("error", finish);
  });
}

const chunkSize = 1 << 20;

/** The complete lines from a position on, and where they end. */
async function readRest(
  file: FileHandle,
  from: number,
): Promise<{ readonly entries: LogEntry[]; readonly end: number }> {
  const chunks: Buffer[] = [];
  for (let position = from; ; ) {
    const chunk = Buffer.allocUnsafe(chunkSize);
    const { bytesRead } = await file.read(chunk, 0, chunkSize, position);
    if (bytesRead === 0) break;
    chunks.push(chunk.subarray(0, bytesRead));
    position += bytesRead;
  }
  const { entries, length } = parseLines(Buffer.concat(chunks));
  return { entries, end: from + length };
}

const newline = 0x0a;

function parseLines(text: Buffer): { readonly entries: LogEntry[]; readonly length: number } {
  const entries: LogEntry[] = [];
  let start = 0;
  for (let end = text.indexOf(newline, start); end >= 0; end = text.indexOf(newline, start)) {
    const time = text.indexOf(0x20, start);
    const stream = text.indexOf(0x20, time + 1);
    const tag = stream + 1;
    if (time > start && stream > time && tag + 1 < end + 1) {
      // A part of a line has no newline of its own.
      const whole = text[tag] === 0x46;
      entries.push({
        time: text.toString("latin1", start, time),
        stream: text[time + 4] === 0x6f ? "stdout" : "stderr",
        bytes: text.subarray(Math.min(tag + 2, end), whole ? end + 1 : end),
      });
    }
    start = end + 1;
  }
  return { entries, length: start };
}

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
