/**
 * A tree as an archive: PAX, entries in the order of their names, each directory before what it holds, so that equal
 * trees give equal bytes. Hard links are links; holes are zeroes; sockets are left out.
 *
 * A file that shrinks while it is read is filled up with zeroes, one that grows is cut off: the header has been sent.
 */

import * as F from "../../kernel/abi/files.ts";
import { errnoNumber } from "../../kernel/errno.ts";
import type { CallAnswer } from "../../kernel/executor/pipeline.ts";
import { CallList, callNumbers, pointer1 } from "../../kernel/program/call-list.ts";
import { parentOf } from "../layers/session-folders.ts";
import { blockSize, paddingOf } from "../tar/block.ts";
import { type ByteString, byteString } from "../tar/byte-string.ts";
import { encodeHeader } from "../tar/encode.ts";
import { noXattrs, type TarHeader } from "../tar/entry.ts";
import { baseOf, below } from "./path.ts";
import { type FoundFile, TreeReader } from "./reader.ts";
import type { FileSession, Side } from "./side.ts";
import type { FileStat } from "./stat.ts";

export interface ArchiveOptions {
  /** All extended attributes that are a file's own, or those that Docker knows. */
  readonly xattrs: "all" | "capabilities";
  /** Who is said to own what somebody owns; absent: he. */
  readonly owner?: (owner: Pick<FileStat, "uid" | "gid">) => Pick<FileStat, "uid" | "gid">;
}

const numbers = callNumbers("close", "fgetxattr", "flistxattr", "openat", "pread64", "read");
const reading = F.O_RDONLY | F.O_NOFOLLOW | F.O_NONBLOCK | F.O_NOCTTY | F.O_CLOEXEC;
const gone = (["ENOENT", "ELOOP", "ENXIO", "EACCES", "ENODEV"] as const).map(errnoNumber);
const [ENODATA, EOPNOTSUPP, ERANGE, EAGAIN, EINVAL] = [61, 95, 34, 11, 22] as const;

/** Read at once, as one answer; a frame may be larger, but not by much. */
const pieceSize = 1 << 20;
const filesAtOnce = 200;
const namesSize = 4096;
const valueSize = 65536;

/** One entry, and the files whose content was read together with it. */
interface Item {
  readonly header: TarHeader;
  /** Beneath the side's top. */
  readonly path: string;
}

export class TreeArchive {
  readonly #session: FileSession;
  readonly #side: Side;
  readonly #options: ArchiveOptions;
  readonly #reader: TreeReader;
  readonly #list = new CallList();
  readonly #firsts = new Map<string, ByteString>();
  #items: Item[] = [];
  #bytes = 0;

  constructor(session: FileSession, side: Side, options: ArchiveOptions) {
    this.#session = session;
    this.#side = side;
    this.#options = options;
    this.#reader = new TreeReader(session.pipeline, side);
  }

  /** What is at `path`, called `name` in the archive; a directory with all that it holds. */
  async *entries(file: FoundFile, path: string, name: string): AsyncGenerator<Uint8Array> {
    yield* this.#add(file, path, name);
    yield* this.#flush();
  }

  /** What the side's top holds, without an entry for itself. */
  async *contents(): AsyncGenerator<Uint8Array> {
    const [files] = await this.#reader.list([{ path: ".", mountRoot: false }]);
    for (const file of files!) yield* this.#add(file, file.name, file.name);
    yield* this.#flush();
  }

  async *#add(file: FoundFile, path: string, name: string): AsyncGenerator<Uint8Array> {
    const header = this.#header(file, name);
    if (header === undefined) return;
    this.#items.push({ header, path });
    this.#bytes += header.size;
    if (this.#items.length >= filesAtOnce || this.#bytes >= pieceSize) yield* this.#flush();
    if (file.stat.kind !== "directory") return;
    const [files] = await this.#reader.list([{ path, mountRoot: file.stat.mountRoot }]);
    for (const each of files!) yield* this.#add(each, below(path, each.name), `${name}/${each.name}`);
  }

  #header({ stat, link }: FoundFile, name: string): TarHeader | undefined {
    const { kind } = stat;
    if (kind === "socket") return undefined;
    const path = (kind === "directory" ? `${name}/` : name) as ByteString;
    const shared = {
      path,
      mode: stat.mode,
      ...ownerOf(this.#options, stat),
      userName: "" as ByteString,
      groupName: "" as ByteString,
      mtime: stat.mtime,
      xattrs: noXattrs,
    };
    if (kind !== "directory" && stat.links > 1) {
      const first = this.#firsts.get(stat.identity);
      if (first !== undefined) return { ...shared, kind: "hard-link", linkPath: first, size: 0 };
      this.#firsts.set(stat.identity, path);
    }
    const device = kind.endsWith("device") ? { device: stat.device } : {};
    return { ...shared, kind, linkPath: link, size: stat.size, ...device };
  }

  async *#flush(): AsyncGenerator<Uint8Array> {
    const items = this.#items;
    if (items.length === 0) return;
    this.#items = [];
    this.#bytes = 0;
    const { pipeline } = this.#session;
    const list = this.#list;
    pipeline.begin(list);
    const calls = items.map((item) => this.#read(item));
    const answers = new Map((await pipeline.send(list)).map((answer) => [answer.index, answer]));
    for (const [i, { header, path }] of items.entries()) {
      const { xattrs, content } = calls[i]!;
      // Without an answer it was no file any more when it was to be opened.
      if (header.kind === "file" && header.size > 0 && !answers.has(content)) continue;
      const found = await this.#xattrs(path, xattrs, answers);
      yield encodeHeader(found.size > 0 ? { ...header, xattrs: found } : header);
      if (header.size > 0) yield* this.#content(answers.get(content)!.bytes, header.size, path);
    }
  }

  /** A small file is read whole; of a large one the rest follows when its turn has come. */
  #read({ header, path }: Item): { readonly xattrs: readonly number[]; readonly content: number } {
    const list = this.#list;
    const { file } = this.#session;
    if (header.kind !== "file" && header.kind !== "directory") return { xattrs: [], content: -1 };
    if (header.kind === "directory" && this.#options.xattrs === "capabilities")
      return { xattrs: [], content: -1 };
    const skip = this.#open(list, path);
    const xattrs = this.#askXattrs(header);
    let content = -1;
    if (header.size > 0) {
      const size = Math.min(header.size, pieceSize);
      content = list.call(numbers.read, 0, file, 0, size);
      list.answerBuffer(1, size);
      for (const errno of [EAGAIN, EINVAL]) list.forgive(errno);
    }
    list.call(numbers.close, 0, file);
    for (const rule of skip) list.landRule(rule);
    return { xattrs, content };
  }

  #open(list: CallList, path: string): readonly number[] {
    if (path === ".") {
      list.call(numbers.openat, pointer1, this.#side.top, list.text("."), reading);
      list.into(this.#session.file);
      return [];
    }
    const folder = this.#side.folders.slot(list, parentOf(path));
    list.call(numbers.openat, pointer1, folder, list.text(baseOf(path)), reading);
    list.into(this.#session.file);
    return gone.map((errno) => list.branch(errno));
  }

  #askXattrs({ kind, mode }: TarHeader): readonly number[] {
    const list = this.#list;
    const { file } = this.#session;
    if (this.#options.xattrs === "all") {
      const index = list.call(numbers.flistxattr, 0, file, 0, namesSize);
      list.answerBuffer(1, namesSize);
      for (const errno of [EOPNOTSUPP, ERANGE]) list.forgive(errno);
      return [index];
    }
    return kind === "file" && (mode & 0o111) !== 0 ? [askValue(list, file, capability, 24)] : [];
  }

  async #xattrs(
    path: string,
    calls: readonly number[],
    answers: ReadonlyMap<number, CallAnswer>,
  ): Promise<ReadonlyMap<ByteString, Uint8Array>> {
    const bytes = calls.length > 0 ? answers.get(calls[0]!)?.bytes : undefined;
    if (bytes === undefined || bytes.length === 0) return noXattrs;
    if (this.#options.xattrs === "capabilities") return new Map([[capability, bytes]]);
    const names = byteString(bytes).split("\0").filter(isOwn) as ByteString[];
    if (names.length === 0) return noXattrs;
    const { pipeline, file } = this.#session;
    const list = this.#list;
    pipeline.begin(list);
    const skip = this.#open(list, path);
    const values = names.map((name) => askValue(list, file, name, valueSize));
    list.call(numbers.close, 0, file);
    for (const rule of skip) list.landRule(rule);
    const found = new Map((await pipeline.send(list)).map(({ index, bytes: value }) => [index, value]));
    return new Map(
      names.flatMap((name, i): readonly [ByteString, Uint8Array][] => {
        const value = found.get(values[i]!);
        return value === undefined || value.length === 0 ? [] : [[name, value]];
      }),
    );
  }

  async *#content(head: Buffer, size: number, path: string): AsyncGenerator<Uint8Array> {
    yield head;
    let left = size - head.length;
    if (size > pieceSize && head.length === pieceSize)
      for await (const piece of this.#rest(path, size)) {
        yield piece;
        left -= piece.length;
      }
    for (left += paddingOf(size); left > 0; left -= zeroes.length)
      yield left < zeroes.length ? zeroes.subarray(0, left) : zeroes;
  }

  /** From the second piece on, one in hand and one on the way. */
  async *#rest(path: string, size: number): AsyncGenerator<Uint8Array> {
    let next: Promise<Buffer> | undefined = this.#piece(path, pieceSize, size);
    for (let at = pieceSize; at < size; at += pieceSize) {
      const piece: Buffer = await next!;
      next = at + pieceSize < size ? this.#piece(path, at + pieceSize, size) : undefined;
      next?.catch(() => {});
      if (piece.length === 0) return;
      yield piece;
    }
  }

  /** Nothing where the file has gone or ends before. */
  async #piece(path: string, at: number, size: number): Promise<Buffer> {
    const list = new CallList();
    const { pipeline, file } = this.#session;
    pipeline.begin(list);
    const skip = this.#open(list, path);
    const length = Math.min(pieceSize, size - at);
    const index = list.call(numbers.pread64, 0, file, 0, length, at);
    list.answerBuffer(1, length);
    for (const errno of [EAGAIN, EINVAL]) list.forgive(errno);
    list.call(numbers.close, 0, file);
    for (const rule of skip) list.landRule(rule);
    const answers = await pipeline.send(list);
    return answers.find((answer) => answer.index === index)?.bytes ?? Buffer.alloc(0);
  }
}

function ownerOf({ owner }: ArchiveOptions, { uid, gid }: FileStat) {
  return owner ? owner({ uid, gid }) : { uid, gid };
}

const capability = "security.capability" as ByteString;
const zeroes: Uint8Array = new Uint8Array(16 * blockSize);

function askValue(list: CallList, file: number, name: ByteString, size: number): number {
  const index = list.call(numbers.fgetxattr, pointer1, file, list.text(name), 0, size);
  list.answerBuffer(2, size);
  for (const errno of [ENODATA, EOPNOTSUPP, ERANGE]) list.forgive(errno);
  return index;
}

/** What is the host's own policy, or overlayfs's bookkeeping, is not the file's. */
function isOwn(name: string): boolean {
  return /^(?:user\.(?!overlay\.)|security\.capability$|system\.posix_acl_)/.test(name);
}
