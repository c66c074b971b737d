/** Two streams that came as one: before each piece eight bytes say which it is and how long (ContainerAttach). */

import { BrigError } from "../../base/errors.ts";
import type { OutputChunk } from "../../engine/session.ts";

const headSize = 8;

/** As the first byte names them; what goes in is told back on the second of them, by nobody. */
const names = ["stdout", "stdout", "stderr"] as const;

/** A frame of an error of the other side's own. */
const systemError = 3;

/** Longer frames than an engine can write at once. */
const frameLimit = 64 * 1024 * 1024;

/** A long frame comes in as many pieces as it is received in. */
export async function* demultiplexed(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<OutputChunk> {
  for await (const { kind, bytes } of frames(pieces)) {
    if (kind === systemError) throw new BrigError("internal", Buffer.from(bytes).toString("utf8"));
    yield { stream: names[kind]!, bytes };
  }
}

/** Frames that are not let go before they are whole: a line of a log each. */
export async function* wholeFrames(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<OutputChunk> {
  const parts: Uint8Array[] = [];
  for await (const { kind, bytes, last } of frames(pieces)) {
    if (kind === systemError) throw new BrigError("internal", Buffer.from(bytes).toString("utf8"));
    if (!last) {
      parts.push(bytes);
      continue;
    }
    yield {
      stream: names[kind]!,
      bytes: parts.length === 0 ? bytes : Buffer.concat([...parts.splice(0), bytes]),
    };
  }
}

interface FramePart {
  readonly kind: number;
  readonly bytes: Uint8Array;
  /** The frame ends with it. */
  readonly last: boolean;
}

async function* frames(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<FramePart> {
  const head = Buffer.alloc(headSize);
  let [known, left, kind] = [0, 0, 0];
  for await (let piece of pieces) {
    while (piece.length > 0) {
      if (left === 0) {
        const part = piece.subarray(0, headSize - known);
        head.set(part, known);
        known += part.length;
        piece = piece.subarray(part.length);
        if (known < headSize) break;
        [known, kind, left] = [0, head[0]!, head.readUInt32BE(4)];
        if (kind > systemError || left > frameLimit)
          throw new BrigError("unavailable", "the stream has a frame that is none");
        continue;
      }
      const bytes = piece.subarray(0, left);
      piece = piece.subarray(bytes.length);
      left -= bytes.length;
      yield { kind, bytes, last: left === 0 };
    }
  }
  if (left > 0 || known > 0)
    throw new BrigError("unavailable", "the stream has ended in the middle of a frame");
}
