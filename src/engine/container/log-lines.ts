/** The lines of a log file: `TIME STREAM F|P TEXT` each, P where the line goes on in the next (the CRI's log format). */

import type { LogEntry } from "./info.ts";

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
