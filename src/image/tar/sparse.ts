/**
 * Maps of sparse files: which runs of the file are stored, in the four ways GNU tar has written them.
 *
 * GNU tar manual, "Storing Sparse Files": the old format (type `S`), and PAX formats 0.0, 0.1 and 1.0.
 * Invariant: a map that leaves this file is ascending, free of overlaps, inside the file, and its runs add up to
 * the bytes stored.
 */

import type { Chunks } from "../stream/chunks.ts";
import { blockSize } from "./block.ts";
import { malformed } from "./malformed.ts";
import { readNumber } from "./numbers.ts";
import { type PaxRecords, paxInteger, paxLimit } from "./pax.ts";

export interface Run {
  readonly offset: number;
  readonly length: number;
}

export interface SparseFile {
  /** Size of the file, holes included. */
  readonly size: number;
  readonly runs: readonly Run[];
  /** Bytes of the entry's data that the map itself took (format 1.0). */
  readonly mapBytes: number;
}

/** The file described by a header of type `S`; reads the extension blocks that may follow it. */
export async function readOldSparse(block: Buffer, chunks: Chunks, stored: number): Promise<SparseFile> {
  const size = readNumber(block, 483, 12, "size of a sparse file");
  const runs: Run[] = [];
  addRuns(runs, block, 386, 4);
  let more = block[482] !== 0;
  for (let blocks = 1; more; blocks++) {
    // Nothing but this bounds the memory that a map takes.
    if (blocks * blockSize > paxLimit) throw malformed("the map of a sparse file is too large");
    const extension = await chunks.take(blockSize);
    if (extension.length < blockSize) throw malformed("it ends inside the map of a sparse file");
    addRuns(runs, extension, 0, 21);
    more = extension[504] !== 0;
  }
  return verified({ size, runs, mapBytes: 0 }, stored);
}

function addRuns(runs: Run[], block: Buffer, start: number, count: number): void {
  for (let at = start; at < start + count * 24; at += 24) {
    if (block[at] === 0) return;
    const offset = readNumber(block, at, 12, "map of a sparse file");
    runs.push({ offset, length: readNumber(block, at + 12, 12, "map of a sparse file") });
  }
}

/** The file described by PAX records; undefined when they describe none. Format 1.0 reads its map from the data. */
export async function readPaxSparse(
  records: PaxRecords,
  chunks: Chunks,
  stored: number,
): Promise<SparseFile | undefined> {
  const realSize = records.get("GNU.sparse.realsize") ?? records.get("GNU.sparse.size");
  const map = records.get("GNU.sparse.map");
  const inData = records.get("GNU.sparse.major")?.toString("latin1") === "1";
  if (!inData && map === undefined) return undefined;
  if (realSize === undefined) throw malformed("a sparse file has no size");
  const size = paxInteger(realSize, "size of a sparse file");
  if (inData) return verified({ size, ...(await readDataMap(chunks, stored)) }, stored);
  return verified(
    { size, runs: pairs(map!.length === 0 ? [] : map!.toString("latin1").split(",")), mapBytes: 0 },
    stored,
  );
}

/** Format 1.0: the count, then offset and length of every run, each on a line, padded to whole blocks. */
async function readDataMap(
  chunks: Chunks,
  stored: number,
): Promise<{ readonly runs: readonly Run[]; readonly mapBytes: number }> {
  const lines: string[] = [];
  let rest = "";
  let mapBytes = 0;
  for (let wanted = 1; lines.length < wanted; ) {
    if (mapBytes + blockSize > Math.min(stored, paxLimit))
      throw malformed("the map of a sparse file is too large");
    const block = await chunks.take(blockSize);
    if (block.length < blockSize) throw malformed("it ends inside the map of a sparse file");
    mapBytes += blockSize;
    const parts = (rest + block.toString("latin1")).split("\n");
    rest = parts.pop()!;
    lines.push(...parts);
    if (lines.length > 0) wanted = 1 + 2 * count(lines[0]!, stored);
  }
  return { runs: pairs(lines.slice(1, 1 + 2 * count(lines[0]!, stored))), mapBytes };
}

function count(line: string, stored: number): number {
  const runs = paxInteger(Buffer.from(line, "latin1"), "map of a sparse file");
  if (runs < 0 || runs > stored) throw malformed("the map of a sparse file is too large");
  return runs;
}

function pairs(numbers: readonly string[]): Run[] {
  if (numbers.length % 2 !== 0) throw malformed("the map of a sparse file is incomplete");
  const values = numbers.map((text) => paxInteger(Buffer.from(text, "latin1"), "map of a sparse file"));
  const runs: Run[] = [];
  for (let i = 0; i < values.length; i += 2) runs.push({ offset: values[i]!, length: values[i + 1]! });
  return runs;
}

/** Runs that overlap or leave the file would make two readers see two contents; sums that differ, two archives. */
function verified(file: SparseFile, stored: number): SparseFile {
  let end = 0;
  let sum = file.mapBytes;
  for (const { offset, length } of file.runs) {
    if (offset < end || length < 0 || !Number.isSafeInteger(offset + length))
      throw malformed("the map of a sparse file is out of order");
    end = offset + length;
    sum += length;
  }
  if (file.size < 0 || end > file.size || sum !== stored)
    throw malformed("the map of a sparse file contradicts its size");
  return file;
}
