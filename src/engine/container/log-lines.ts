/** The lines of a log file: `TIME STREAM F|P TEXT` each, P where the line goes on in the next (the CRI's log format). */

import type { FileHandle } from "node:fs/promises";
import type { LogEntry } from "./info.ts";

const chunkSize = 1 << 20;

/** The complete lines from a position on, and where they end. */
export async function readRest(
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

export function parseLines(text: Buffer): { readonly entries: LogEntry[]; readonly length: number } {
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
