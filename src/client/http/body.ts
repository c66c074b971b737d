/** What an answer carries (RFC 9112, section 7): in chunks, of a length, or until the connection ends. */

import { BrigError } from "../../base/errors.ts";
import type { AnswerHead } from "./head.ts";
import type { ByteSource } from "./source.ts";

export interface Body {
  readonly pieces: AsyncGenerator<Uint8Array>;
  /** The connection can be asked again when all of it was read. */
  readonly delimited: boolean;
}

export function bodyOf(source: ByteSource, method: string, { status, headers }: AnswerHead): Body {
  if (method === "HEAD" || status === 204 || status === 304)
    return { pieces: ofLength(source, 0), delimited: true };
  if (/\bchunked\b/i.test(headers["transfer-encoding"] ?? ""))
    return { pieces: inChunks(source), delimited: true };
  const length = headers["content-length"];
  if (length === undefined) return { pieces: untilEnd(source), delimited: false };
  if (!/^\d{1,15}$/.test(length)) throw new BrigError("unavailable", "the answer has a length that is none");
  return { pieces: ofLength(source, Number(length)), delimited: true };
}

export async function* untilEnd(source: ByteSource): AsyncGenerator<Uint8Array> {
  for (let chunk = await source.read(); chunk; chunk = await source.read()) yield chunk;
}

async function* ofLength(source: ByteSource, length: number): AsyncGenerator<Uint8Array> {
  for (let left = length; left > 0; ) {
    const chunk = await source.read();
    if (!chunk) throw cut();
    const part = chunk.subarray(0, left);
    source.unread(chunk.subarray(part.length));
    left -= part.length;
    yield part;
  }
}

/** The length of a chunk, and what an extension may add to it. */
const sizeLimit = 1024;

async function* inChunks(source: ByteSource): AsyncGenerator<Uint8Array> {
  for (;;) {
    const size = /^([0-9a-f]{1,12})\s*(?:;|$)/i.exec(await source.line(sizeLimit))?.[1];
    if (size === undefined) throw new BrigError("unavailable", "the answer has a chunk without a length");
    const length = Number.parseInt(size, 16);
    yield* ofLength(source, length);
    // After the last one come trailers, of which there are none, and an empty line; after every other its line end.
    while ((await source.line(sizeLimit)) !== "") if (length > 0) throw cut();
    if (length === 0) return;
  }
}

const cut = (): BrigError => new BrigError("unavailable", "the connection ended in the middle of an answer");
