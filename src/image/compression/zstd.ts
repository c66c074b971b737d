/**
 * zstd streams of any number of frames, skippable ones among them (RFC 8878).
 *
 * The decoders of Node and Bun are made for one frame: depending on version and on how the input is cut they stop
 * silently after it, and Bun's does not notice a frame that is cut off. So the frames are told apart here, block by
 * block, and each gets a decoder of its own. pzstd and zstd:chunked write thousands of small frames; those are
 * decoded at once, without a stream.
 */

import { BrigError } from "../../base/errors.ts";
import { Chunks } from "../stream/chunks.ts";
import { throughTransform, undecodable } from "./transform.ts";
import { zlib } from "./zlib.ts";

const outputChunk = 1 << 20;
/** Frames that announce no more than this are decoded in one call. */
const smallContent = 1 << 20;

export async function* unzstd(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const chunks = new Chunks(source);
  for (let magic = await chunks.take(4); magic.length > 0; magic = await chunks.take(4)) {
    if (magic.length < 4) throw malformed("it ends inside a frame");
    const number = magic.readUInt32LE(0);
    if (number === frameMagic) {
      const frame = await readFrameHeader(chunks, magic);
      yield* frame.contentSize <= smallContent ? decodeWhole(frame, chunks) : decodeStream(frame, chunks);
    } else if ((number & 0xfffffff0) >>> 0 === skippableMagic) {
      const size = (await exactly(chunks, 4)).readUInt32LE(0);
      if ((await chunks.skip(size)) < size) throw malformed("it ends inside a skippable frame");
    } else throw malformed("what follows a frame is no frame");
  }
}

const frameMagic = 0xfd2fb528;
const skippableMagic = 0x184d2a50;

interface Frame {
  /** Magic number and frame header. */
  readonly header: Buffer;
  /** Infinity where the header does not say. */
  readonly contentSize: number;
  readonly hasChecksum: boolean;
}

/** RFC 8878, 3.1.1.1. */
async function readFrameHeader(chunks: Chunks, magic: Buffer): Promise<Frame> {
  const descriptor = await exactly(chunks, 1);
  const flags = descriptor[0]!;
  const singleSegment = (flags & 0x20) !== 0;
  const window = singleSegment ? 0 : 1;
  const dictionary = [0, 1, 2, 4][flags & 3]!;
  const sizeField = [singleSegment ? 1 : 0, 2, 4, 8][flags >> 6]!;
  const rest = await exactly(chunks, window + dictionary + sizeField);
  const size = rest.subarray(window + dictionary);
  const contentSize = [
    () => Number.POSITIVE_INFINITY,
    () => size.readUInt8(),
    () => size.readUInt16LE() + 256,
    () => size.readUInt32LE(),
    () => Number(size.readBigUInt64LE()),
  ][[0, 1, 2, 4, 8].indexOf(sizeField)]!();
  return { header: Buffer.concat([magic, descriptor, rest]), contentSize, hasChecksum: (flags & 4) !== 0 };
}

/** The frame's bytes, from its header to its checksum. */
async function* frameBytes(frame: Frame, chunks: Chunks): AsyncGenerator<Uint8Array, void, undefined> {
  yield frame.header;
  for (let last = false; !last; ) {
    const header = await exactly(chunks, 3);
    const value = header.readUIntLE(0, 3);
    last = (value & 1) !== 0;
    const isRun = ((value >> 1) & 3) === 1;
    yield header;
    yield* content(chunks, isRun ? 1 : value >> 3);
  }
  if (frame.hasChecksum) yield* content(chunks, 4);
}

async function* content(chunks: Chunks, size: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let left = size; left > 0; ) {
    const part = chunks.available(left);
    if (part !== undefined) {
      left -= part.length;
      yield part;
    } else if (!(await chunks.fill())) throw malformed("it ends inside a frame");
  }
}

function decodeStream(frame: Frame, chunks: Chunks): AsyncIterable<Uint8Array> {
  return throughTransform(frameBytes(frame, chunks), zlib().createZstdDecompress({ chunkSize: outputChunk }));
}

async function* decodeWhole(frame: Frame, chunks: Chunks): AsyncGenerator<Uint8Array, void, undefined> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of frameBytes(frame, chunks)) {
    parts.push(part);
    size += part.length;
    // Content that does not shrink is stored; a frame twice its content is there to fill the memory.
    if (size > 2 * smallContent) throw malformed("a frame is larger than its content");
  }
  try {
    const bytes = zlib().zstdDecompressSync(Buffer.concat(parts), { maxOutputLength: smallContent });
    if (bytes.length > 0) yield bytes;
  } catch (cause) {
    throw undecodable(cause);
  }
}

async function exactly(chunks: Chunks, size: number): Promise<Buffer> {
  const bytes = await chunks.take(size);
  if (bytes.length < size) throw malformed("it ends inside a frame");
  return bytes;
}

function malformed(reason: string): BrigError {
  return new BrigError("invalid", `cannot decompress the stream: ${reason}`, {
    code: "malformed-compression",
  });
}
