/** Archives for the tests: by hand, block by block, so that they can be wrong in every way. */

import { blockSize, checksums, type Field, fields, paddingOf, typeFlagOffset } from "./block.ts";
import { encodeText } from "./byte-string.ts";
import { noXattrs, type TarEntry, type TarHeader } from "./entry.ts";
import { formatRecord } from "./pax.ts";
import { readTar } from "./read.ts";

/** A header of a file that lacks nothing; `over` replaces what the test is about. */
export function header(path: string, over: Partial<TarHeader> = {}): TarHeader {
  return {
    kind: "file",
    path: encodeText(path),
    linkPath: encodeText(""),
    mode: 0o644,
    uid: 0,
    gid: 0,
    userName: encodeText(""),
    groupName: encodeText(""),
    size: 0,
    mtime: { seconds: 1_700_000_000, nanoseconds: 0 },
    xattrs: noXattrs,
    ...over,
  };
}

/** What a test says of a file in an archive: the rest is as `header` has it. */
export interface Sketch {
  readonly path: string;
  readonly content?: string | Uint8Array;
  readonly kind?: TarHeader["kind"];
  readonly link?: string;
}

export function entries(files: readonly Sketch[]) {
  return files.map(({ path, content = "", kind = "file", link = "" }) => {
    const body = Buffer.from(content as string);
    const over = {
      kind,
      linkPath: encodeText(link),
      mode: kind === "directory" ? 0o755 : 0o644,
      size: kind === "file" ? body.length : 0,
    };
    return { header: header(path, over), body: [body] };
  });
}

/** A ustar header block with the raw text of some fields replaced; its checksum is right unless given. */
export function rawBlock(flag: string, texts: Partial<Record<Field, string>>, magic = "ustar\x0000"): Buffer {
  const block = Buffer.alloc(blockSize);
  const defaults = {
    name: "name",
    mode: "0000644\0",
    uid: "0000000\0",
    gid: "0000000\0",
    size: "00000000000\0",
  };
  block.write(magic, 257, "latin1");
  block.write(flag, typeFlagOffset, "latin1");
  for (const [field, text] of Object.entries({ mtime: "00000000000\0", ...defaults, ...texts }))
    block.write(text, fields[field as Field][0], fields[field as Field][1], "latin1");
  if (texts.checksum === undefined)
    block.write(`${octal(checksums(block).unsigned, 6)}\0 `, fields.checksum[0], "latin1");
  return block;
}

/** The text of a number field of `width` bytes. */
export function octal(value: number, width: number): string {
  return value.toString(8).padStart(width, "0");
}

/** Block and padded data. */
export function rawEntry(flag: string, name: string, data: Uint8Array | string = ""): Buffer {
  const bytes = Buffer.from(data);
  const block = rawBlock(flag, { name, size: `${octal(bytes.length, 11)}\0` });
  return Buffer.concat([block, bytes, Buffer.alloc(paddingOf(bytes.length))]);
}

/** A PAX header with these records, in this order. */
export function rawPax(records: readonly (readonly [string, Uint8Array | string])[], flag = "x"): Buffer {
  return rawEntry(
    flag,
    "pax",
    Buffer.concat(records.map(([key, value]) => formatRecord(key, Buffer.from(value)))),
  );
}

export const endBlocks: () => Buffer = () => Buffer.alloc(2 * blockSize);

/** The bytes in pieces of `size`, as a stream brings them. */
export async function* inPieces(
  bytes: Uint8Array,
  size = bytes.length,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export interface ReadEntry {
  readonly header: TarHeader;
  readonly body: Buffer;
}

export async function readAll(archive: AsyncIterable<Uint8Array>): Promise<ReadEntry[]> {
  const entries: ReadEntry[] = [];
  for await (const entry of readTar(archive))
    entries.push({ header: entry.header, body: await bodyOf(entry) });
  return entries;
}

async function bodyOf(entry: TarEntry): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const bytes of entry.body) parts.push(Buffer.from(bytes));
  return Buffer.concat(parts);
}

export async function joined(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const bytes of chunks) parts.push(Buffer.from(bytes));
  return Buffer.concat(parts);
}
