/** What an archive holds: one header per file, whatever dialect of tar it was written in. */

import type { ByteString } from "./byte-string.ts";

export type EntryKind =
  | "file"
  | "hard-link"
  | "symbolic-link"
  | "character-device"
  | "block-device"
  | "directory"
  | "fifo";

/** Time since the epoch; `seconds` may be negative, `nanoseconds` is 0 to 999,999,999 and counts forward. */
export interface Timestamp {
  readonly seconds: number;
  readonly nanoseconds: number;
}

export interface DeviceNumber {
  readonly major: number;
  readonly minor: number;
}

export interface TarHeader {
  readonly kind: EntryKind;
  /** As written in the archive: not cleaned, possibly absolute, possibly with `..`; never empty, free of NUL. */
  readonly path: ByteString;
  /** Target of a link, as written; empty for every other kind. */
  readonly linkPath: ByteString;
  /** Permission bits, set-id bits and sticky bit (0 to 0o7777). */
  readonly mode: number;
  /** May be negative: some writers store -2 for "nobody". */
  readonly uid: number;
  readonly gid: number;
  readonly userName: ByteString;
  readonly groupName: ByteString;
  /** Bytes of content, holes included; 0 for every kind but `file`. */
  readonly size: number;
  readonly mtime: Timestamp;
  readonly atime?: Timestamp;
  readonly ctime?: Timestamp;
  /** Of character and block devices. */
  readonly device?: DeviceNumber;
  /** Name to value; values are binary. */
  readonly xattrs: ReadonlyMap<ByteString, Uint8Array>;
}

/** A run of content. `offset` is its place in the file; what lies between two runs is a hole. */
export interface Extent {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

export interface TarEntry {
  readonly header: TarHeader;
  /**
   * The content, as views of the chunks the archive came in: not valid for longer than those are. Can be read
   * once, and only until the next entry is asked for; what is not read is skipped.
   */
  readonly extents: AsyncIterable<Extent>;
  /** The same, with holes filled by zeroes. */
  readonly body: AsyncIterable<Uint8Array>;
  /** All of it in one piece, where it is at hand and has no holes; else undefined, and it is still to be read. */
  readonly whole: () => Uint8Array | undefined;
}

export const noXattrs: ReadonlyMap<ByteString, Uint8Array> = new Map();
