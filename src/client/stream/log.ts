/** A log as the API sends it with the times of its lines → entries. */

import type { LogEntry } from "../../engine/container/info.ts";
import type { OutputChunk } from "../../engine/session.ts";
import { wholeFrames } from "./frames.ts";

const newline = 0x0a;
const blank = 0x20;

/** Longer than any point in time: what begins with no time has none. */
const timeLength = 40;

/** `terminal`: there is one stream, without frames. */
export async function* logPieces(
  pieces: AsyncIterable<Uint8Array>,
  terminal: boolean,
): AsyncGenerator<readonly LogEntry[]> {
  for await (const { stream, bytes } of terminal ? lines(pieces) : wholeFrames(pieces))
    yield entriesOf(stream, bytes);
}

/** A frame is a line, or the part of one that was written at once. */
function entriesOf(stream: OutputChunk["stream"], bytes: Uint8Array): readonly LogEntry[] {
  const end = bytes.indexOf(blank);
  if (end < 0 || end > timeLength) return [{ stream, time: "", bytes }];
  return [
    { stream, time: Buffer.from(bytes.subarray(0, end)).toString("latin1"), bytes: bytes.subarray(end + 1) },
  ];
}

/** The last one may lack its end. */
async function* lines(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<OutputChunk> {
  let open: Uint8Array[] = [];
  for await (let piece of pieces) {
    for (let end = piece.indexOf(newline); end >= 0; end = piece.indexOf(newline)) {
      yield { stream: "stdout", bytes: Buffer.concat([...open, piece.subarray(0, end + 1)]) };
      open = [];
      piece = piece.subarray(end + 1);
    }
    if (piece.length > 0) open.push(piece);
  }
  if (open.length > 0) yield { stream: "stdout", bytes: Buffer.concat(open) };
}
