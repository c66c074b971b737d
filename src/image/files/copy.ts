/**
 * Copies a tree from one side of a session to the other. The content never leaves the kernel (sendfile(2)).
 *
 * What the source loses or changes meanwhile is skipped: a name is opened without following it, and nothing but a
 * regular file is read. Directories get their owner, mode and times last.
 */

import * as F from "../../kernel/abi/files.ts";
import { errnoNumber } from "../../kernel/errno.ts";
import { CallList, callNumbers, pointer1 } from "../../kernel/program/call-list.ts";
import { openFolder, parentOf } from "../layers/session-folders.ts";
import { cannotCopy } from "./complaint.ts";
import { cloneContent, copyCapability, type Extent, sendContent } from "./content.ts";
import { XattrCopy } from "./copy-xattrs.ts";
import { extentsOf } from "./holes.ts";
import { baseOf, below } from "./path.ts";
import { type FolderPath, type FoundFile, TreeReader } from "./reader.ts";
import type { FileSession, Side } from "./side.ts";
import type { FileStat } from "./stat.ts";
import {
  type Attributes,
  createFile,
  finish,
  makeFolder,
  makeHardLink,
  makeLink,
  makeNode,
} from "./target.ts";
import { archivedSize } from "./weight.ts";

export interface TreeCopyOptions {
  /** Who owns the copy of a file. */
  readonly owner: (stat: Pick<FileStat, "uid" | "gid">) => { readonly uid: number; readonly gid: number };
  /** Somebody may be at work on the source who is not to be trusted: what is no file any more is skipped. */
  readonly shifting: boolean;
  /** With every attribute, and holes; else with what Docker copies. */
  readonly exact?: boolean;
}

const numbers = callNumbers("close", "openat");
const reading = F.O_RDONLY | F.O_NOFOLLOW | F.O_NONBLOCK | F.O_NOCTTY | F.O_CLOEXEC;

/** The file is not there any more, or is none: a link, a socket, a device on a mount that has none. */
const gone = (["ENOENT", "ELOOP", "ENXIO", "EACCES", "ENODEV"] as const).map(errnoNumber);
const ENOENT = errnoNumber("ENOENT");

/** A segment is full with so many calls, or so many bytes for the executor to move: some milliseconds of work. */
const segmentCalls = 1000;
const segmentBytes = 16 << 20;
/** Folders that are looked at together. */
const foldersAtOnce = 8;

export class TreeCopy {
  readonly #session: FileSession;
  readonly #from: Side;
  readonly #to: Side;
  readonly #options: TreeCopyOptions;
  readonly #reader: TreeReader;
  readonly #list = new CallList();
  readonly #firsts = new Map<string, string>();
  readonly #xattrs: XattrCopy | undefined;
  readonly #made: { readonly path: string; readonly attributes: Attributes }[] = [];
  #waiting: Folder[] = [];
  #beginnings: { readonly from: number; readonly path: string }[] = [];
  #begun = false;
  #bytes = 0;
  #copied = 0;
  #failure: unknown;
  #sent: Promise<void> = Promise.resolve();

  constructor(session: FileSession, from: Side, to: Side, options: TreeCopyOptions) {
    this.#session = session;
    this.#from = from;
    this.#to = to;
    this.#options = options;
    this.#reader = new TreeReader(session.pipeline, from);
    this.#xattrs = options.exact ? new XattrCopy(session, from, to) : undefined;
  }

  /** Bytes of an archive of what was copied, as `docker cp` counts. */
  get copied(): number {
    return this.#copied + 1024;
  }

  /** What is in the folder `from`, to the folder `to`, which is there. Paths are beneath the sides' tops. */
  async contents(from: FolderPath, to: string): Promise<void> {
    this.#copied += 512;
    this.#waiting.push({ ...from, to });
    await this.#walk();
  }

  /** All there is, with the attributes of the top itself, to an empty folder. */
  async everything(stat: FileStat): Promise<void> {
    this.#begin(".");
    this.#made.push({ path: ".", attributes: this.#attributes(stat) });
    this.#xattrs?.ask(this.#list, this.#from.top, { from: ".", to: "." });
    await this.contents({ path: ".", mountRoot: false }, ".");
  }

  /** One name and what is beneath it, under another. */
  async named(file: FoundFile, from: string, to: string): Promise<void> {
    this.#entry(file, from, to);
    await this.#walk();
  }

  /**
   * Whenever something is awaited, nothing is in the list: both sides' folders are then open as their caches say, for
   * whoever sends next.
   */
  async #walk(): Promise<void> {
    this.#flush();
    let group = this.#next();
    let listing = this.#reader.list(group);
    while (group.length > 0) {
      const lists = await this.#told(listing);
      const copying = group;
      // While the executor copies these it has the next to list.
      group = this.#next();
      const ahead = group.length > 0;
      if (ahead) listing = this.#ahead(group);
      for (const [i, files] of lists.entries())
        for (const file of files) {
          const { path, to } = copying[i]!;
          const from = below(path, file.name);
          this.#entry(file, from, below(to, file.name), await this.#extents(file, from));
          if (this.#isFull) await this.#room();
        }
      this.#flush();
      if (ahead) continue;
      group = this.#next();
      listing = this.#ahead(group);
    }
    await this.#finish();
  }

  /** What was copied before may have failed, and what was to be read is then not. */
  async #told<T>(reading: Promise<T>): Promise<T> {
    try {
      return await reading;
    } catch (error) {
      await this.#sent;
      throw this.#failure ?? error;
    }
  }

  #ahead(group: readonly Folder[]) {
    const listing = this.#reader.list(group);
    listing.catch(() => {}); // Told where it is awaited.
    return listing;
  }

  /** Undefined where there is no need to know. */
  async #extents({ stat }: FoundFile, path: string): Promise<readonly Extent[] | undefined> {
    if (!this.#options.exact || stat.kind !== "file" || !stat.sparse) return undefined;
    this.#flush();
    return await this.#told(extentsOf(this.#session, this.#from, path, stat.size));
  }

  async #finish(): Promise<void> {
    if (this.#xattrs) {
      this.#flush();
      await this.#sent;
      this.#refuseIfFailed();
      await this.#xattrs.copy();
    }
    for (const { path, attributes } of this.#made.splice(0)) {
      this.#begin(path);
      finish(this.#list, this.#to.folders.slot(this.#list, path), attributes);
      if (this.#isFull) await this.#room();
    }
    this.#flush();
    await this.#sent;
    this.#refuseIfFailed();
  }

  #next(): readonly Folder[] {
    return this.#waiting.splice(-foldersAtOnce);
  }

  #entry(file: FoundFile, from: string, to: string, extents?: readonly Extent[]): void {
    const { stat } = file;
    if (stat.kind === "socket") return; // There is none in an archive either.
    this.#begin(to);
    const list = this.#list;
    const folder = this.#to.folders.slot(list, parentOf(to));
    const name = baseOf(to);
    const attributes = this.#attributes(stat);
    this.#copied += archivedSize(stat);
    switch (stat.kind) {
      case "directory":
        makeFolder(list, folder, name);
        openFolder(list, folder, name, this.#to.folders.claim(to, folder), "mounts");
        this.#xattrs?.ask(list, this.#from.folders.slot(list, from), { from, to });
        this.#made.push({ path: to, attributes });
        this.#waiting.push({ path: from, mountRoot: stat.mountRoot, to });
        break;
      case "file":
        this.#file(stat, from, { folder, name, to }, attributes, extents);
        break;
      case "symbolic-link":
        makeLink(list, folder, name, file.link, attributes);
        break;
      default:
        makeNode(list, folder, name, { kind: stat.kind, device: stat.device }, attributes);
    }
  }

  #file(
    stat: FileStat,
    from: string,
    { folder, name, to }: { readonly folder: number; readonly name: string; readonly to: string },
    attributes: Attributes,
    extents: readonly Extent[] = [{ offset: 0, size: stat.size }],
  ): void {
    const list = this.#list;
    const { file, copy } = this.#session;
    if (stat.links > 1) {
      const first = this.#firsts.get(stat.identity);
      if (first !== undefined) {
        const firstFolder = this.#to.folders.slot(list, parentOf(first), folder);
        this.#copied += 512 - archivedSize(stat);
        makeHardLink(list, { folder: firstFolder, name: baseOf(first) }, folder, name);
        return;
      }
      this.#firsts.set(stat.identity, to);
    }
    const source = this.#from.folders.slot(list, parentOf(from));
    list.call(numbers.openat, pointer1, source, list.text(baseOf(from)), reading);
    list.into(file);
    const skip = (this.#options.shifting ? gone : [ENOENT]).map((errno) => list.branch(errno));
    createFile(list, folder, name, copy);
    if (this.#xattrs) cloneContent(list, file, copy, { size: stat.size, extents });
    else sendContent(list, file, copy, stat.size);
    this.#bytes += stat.size;
    finish(list, copy, attributes);
    if (this.#xattrs) this.#xattrs.ask(list, file, { from, to });
    else if ((stat.mode & 0o111) !== 0) copyCapability(list, file, copy);
    list.call(numbers.close, 0, copy);
    list.call(numbers.close, 0, file);
    for (const rule of skip) list.landRule(rule);
  }

  #attributes(stat: FileStat): Attributes {
    const { mode, atime, mtime } = stat;
    return { ...this.#options.owner(stat), mode, atime, mtime };
  }

  /** What comes next is for this path. */
  #begin(path: string): void {
    if (!this.#begun) {
      this.#session.pipeline.begin(this.#list);
      this.#begun = true;
    }
    this.#beginnings.push({ from: this.#list.length, path });
  }

  get #isFull(): boolean {
    return this.#list.length >= segmentCalls || this.#bytes >= segmentBytes;
  }

  async #room(): Promise<void> {
    this.#flush();
    await this.#session.pipeline.room();
    this.#refuseIfFailed();
  }

  #flush(): void {
    if (!this.#begun) return;
    const beginnings = this.#beginnings;
    const { pipeline } = this.#session;
    const take = this.#xattrs?.take();
    this.#sent = pipeline.send(this.#list).then(
      (answers) => take?.(answers),
      (error: unknown) => {
        this.#failure ??= cannotCopy(error, beginnings);
      },
    );
    this.#begun = false;
    this.#beginnings = [];
    this.#bytes = 0;
  }

  #refuseIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }
}

interface Folder extends FolderPath {
  readonly to: string;
}
