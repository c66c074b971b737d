/**
 * Reads a tar stream entry by entry: v7, ustar, star, GNU and PAX, from a source that cannot seek.
 *
 * Invariants: at most one chunk of the source is held; nothing is copied but headers that straddle two chunks; any
 * input leads to entries or to a `BrigError` of kind `invalid`, never to another failure. What follows the end of
 * the archive is read and dropped, as Docker does, so that a digest over the stream covers it.
 */

import { Chunks } from "../stream/chunks.ts";
import { blockSize, isZeroBlock, paddingOf, typeFlagOffset, verifyChecksum } from "./block.ts";
import type { ByteString } from "./byte-string.ts";
import { Content } from "./content.ts";
import type { TarEntry } from "./entry.ts";
import { decodeHeader, type Extensions, storedSize } from "./header.ts";
import { malformed } from "./malformed.ts";
import { type PaxRecords, parsePax, paxLimit } from "./pax.ts";
import { readOldSparse, readPaxSparse, type SparseFile } from "./sparse.ts";

/** The entries of the archive, in its order. */
export async function* readTar(source: AsyncIterable<Uint8Array>): AsyncGenerator<TarEntry, void, undefined> {
  const chunks = new Chunks(source);
  let globals: PaxRecords = noRecords;
  let pending: Mutable<Extensions> = { pax: globals };
  let extended = false;
  try {
    for (;;) {
      const block = chunks.availableExactly(blockSize) ?? (await chunks.take(blockSize));
      if (block[0] === 0 || block.length < blockSize) {
        if (await isEnd(block, chunks)) break;
      }
      verifyChecksum(block);
      const flag = String.fromCharCode(block[typeFlagOffset]!);
      const extension = extensions[flag];
      if (extension !== undefined) {
        const data = await extensionData(chunks, storedSize(block, noRecords), extension);
        if (extension === "global") globals = withGlobals(globals, parsePax(data));
        if (extension === "global" || extension === "file")
          pending.pax = new Map([...globals, ...(extension === "file" ? parsePax(data) : pending.pax)]);
        if (extension === "long path") pending.longPath = longName(data);
        if (extension === "long link") pending.longLink = longName(data);
        extended ||= extension !== "global" && extension !== "ignored";
        continue;
      }
      const stored = storedSize(block, pending.pax);
      const sparse = maySparse(flag, pending.pax)
        ? await sparseFile(chunks, block, flag, pending.pax, stored)
        : undefined;
      const header = decodeHeader(block, flag, sparse?.size ?? stored, pending);
      // Only files and GNU's directory dumps are followed by data; on a device or a fifo the size means nothing.
      const present = header.kind === "file" || flag === "D" ? stored : 0;
      const entry = new Content(chunks, present, header, sparse);
      pending = { pax: globals };
      extended = false;
      yield entry;
      const finishing = entry.finish();
      if (finishing !== undefined) await finishing;
    }
    // Cut off between a long name and its file, an archive would silently lose that file.
    if (extended) throw malformed("it ends after an extended header");
    await chunks.drain();
  } finally {
    await chunks.close();
  }
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const noRecords: PaxRecords = new Map();

/** Headers that say something about others. `V` is a volume label and `N` long names of a GNU tar before 1990. */
const extensions: Readonly<Record<string, "file" | "global" | "long path" | "long link" | "ignored">> = {
  x: "file",
  X: "file",
  g: "global",
  L: "long path",
  K: "long link",
  V: "ignored",
  N: "ignored",
};

/** Whether what stands in the place of a header ends the archive. */
async function isEnd(block: Buffer, chunks: Chunks): Promise<boolean> {
  if (block.length === 0) return true;
  if (block.length < blockSize) throw malformed("it ends inside a header");
  if (!isZeroBlock(block)) return false;
  const second = await chunks.take(blockSize);
  // A single zero block in the middle hides what follows from readers that stop there.
  if (second.length === blockSize && !isZeroBlock(second))
    throw malformed("it goes on after a single zero block");
  return true;
}

/** The data of an extended header. It is held in memory, hence the limit. */
async function extensionData(chunks: Chunks, size: number, what: string): Promise<Buffer> {
  if (size > paxLimit) throw malformed(`an extended header (${what}) is larger than ${paxLimit} bytes`);
  const data = await chunks.take(size);
  if (data.length < size) throw malformed("it ends inside an extended header");
  await chunks.skip(paddingOf(size));
  return data;
}

/** A name of GNU tar ends at a NUL. A NUL further inside would make two names of one. */
function longName(data: Buffer): ByteString {
  const name = data.toString("latin1").replace(/\0+$/, "");
  if (name.includes("\0")) throw malformed("a long name has a NUL inside");
  return name as ByteString;
}

/** Global records say what is common to files; one that named or sized every file alike is no such thing. */
function withGlobals(globals: PaxRecords, records: PaxRecords): PaxRecords {
  const merged = new Map(globals);
  for (const [key, value] of records) {
    if (key === "path" || key === "linkpath" || key === "size" || key.startsWith("GNU.sparse.")) continue;
    merged.set(key, Buffer.from(value));
  }
  // Global headers add up, so the limit on one is not a limit on all.
  if (merged.size > globalLimit) throw malformed("it has too many global records");
  return merged;
}

const globalLimit = 1024;

function maySparse(flag: string, pax: PaxRecords): boolean {
  return flag === "S" || (pax.size > 0 && (flag === "0" || flag === "\0"));
}

async function sparseFile(
  chunks: Chunks,
  block: Buffer,
  flag: string,
  pax: PaxRecords,
  stored: number,
): Promise<SparseFile | undefined> {
  return flag === "S" ? readOldSparse(block, chunks, stored) : readPaxSparse(pax, chunks, stored);
}
