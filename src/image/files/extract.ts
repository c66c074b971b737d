/**
 * An archive into a folder of a container, as `docker cp - CONTAINER:PATH` does it: merged with what is there, names
 * that lead through links of the container followed inside its root (openat2(2), RESOLVE_IN_ROOT).
 *
 * A directory has its owner and mode from its entry on, by the fd it was made with: by a name that somebody has
 * exchanged meanwhile only times are set.
 */

import { BrigError } from "../../base/errors.ts";
import * as F from "../../kernel/abi/files.ts";
import { errnoNumber } from "../../kernel/errno.ts";
import { CallFailure } from "../../kernel/executor/pipeline.ts";
import { CallList, callNumbers, pointer1, pointer2 } from "../../kernel/program/call-list.ts";
import { quote } from "../../spec/schema/schema.ts";
import { cleanPath } from "../layers/path.ts";
import { openFolder, parentOf } from "../layers/session-folders.ts";
import { filterXattrs } from "../layers/xattr-filter.ts";
import { type ByteString, displayText } from "../tar/byte-string.ts";
import type { TarEntry, TarHeader } from "../tar/entry.ts";
import { readTar } from "../tar/read.ts";
import { cannotPut } from "./complaint.ts";
import { baseOf, below } from "./path.ts";
import type { FileSession } from "./side.ts";
import {
  type Attributes,
  createFile,
  finish,
  makeFolder,
  makeHardLink,
  makeLink,
  makeNode,
  setTimes,
  setXattr,
} from "./target.ts";

export type Owner = Pick<Attributes, "uid" | "gid">;

export interface ExtractTarget {
  /** The slot of the container's root. */
  readonly root: number;
  /** Where the archive goes, beneath that root. */
  readonly path: ByteString;
  /** Who owns what the archive says is somebody's; absent: he does. */
  readonly owner?: (said: Owner) => Owner;
}

const numbers = callNumbers("close", "ftruncate", "lseek", "mkdirat", "openat2");
const [EEXIST, ENOENT] = [errnoNumber("EEXIST"), errnoNumber("ENOENT")];
const flags = F.O_RDONLY | F.O_DIRECTORY | F.O_CLOEXEC;
const resolve = F.RESOLVE_IN_ROOT | F.RESOLVE_NO_MAGICLINKS;

/** A segment is full with so many calls or so much data: some milliseconds of work. */
const segmentCalls = 1000;
const segmentBytes = 256 << 10;
const openFolders = 100;

export async function extractTree(
  session: FileSession,
  target: ExtractTarget,
  archive: AsyncIterable<Uint8Array>,
): Promise<void> {
  const extraction = new Extraction(session, target);
  for await (const entry of readTar(archive)) await extraction.add(entry);
  await extraction.end();
}

class Extraction {
  readonly #session: FileSession;
  readonly #target: ExtractTarget;
  readonly #list = new CallList();
  readonly #free: number[];
  /** Folder beneath the target to slot; the one used last is the last. */
  readonly #open = new Map<string, number>();
  readonly #times: { readonly path: string; readonly attributes: Attributes }[] = [];
  #data: Uint8Array[] = [];
  #beginnings: { readonly from: number; readonly path: string }[] = [];
  #begun = false;
  #path = ".";
  #failure: unknown;
  #sent: Promise<void> = Promise.resolve();

  constructor(session: FileSession, target: ExtractTarget) {
    this.#session = session;
    this.#target = target;
    this.#free = Array.from({ length: openFolders }, () => session.slot());
  }

  async add({ header, extents }: TarEntry): Promise<void> {
    const components = cleanPath(header.path);
    if (components.length === 0) return; // The target is there, and stays as it is.
    const path = components.join("/");
    this.#begin(path);
    const folder = this.#folder(parentOf(path));
    const name = baseOf(path);
    const attributes = this.#attributes(header);
    const list = this.#list;
    switch (header.kind) {
      case "directory":
        this.#directory(path, folder, attributes);
        break;
      case "file":
        createFile(list, folder, name, this.#session.file);
        await this.#content(header, extents, path);
        finish(list, this.#session.file, attributes);
        for (const xattr of filterXattrs(header.xattrs))
          setXattr(list, this.#session.file, xattr.name, xattr.value);
        list.call(numbers.close, 0, this.#session.file);
        break;
      case "hard-link": {
        const first = cleanPath(header.linkPath).join("/");
        const from = this.#folder(parentOf(first), folder);
        makeHardLink(list, { folder: from, name: baseOf(first) }, folder, name, "missing is an error");
        break;
      }
      case "symbolic-link":
        makeLink(list, folder, name, header.linkPath, attributes);
        break;
      default:
        makeNode(
          list,
          folder,
          name,
          { kind: header.kind, device: header.device ?? { major: 0, minor: 0 } },
          attributes,
        );
    }
    await this.#flushIfFull();
  }

  async end(): Promise<void> {
    for (const { path, attributes } of this.#times) {
      this.#begin(path);
      setTimes(this.#list, this.#folder(path), attributes);
      await this.#flushIfFull();
    }
    this.#flush();
    await this.#sent;
    this.#refuseIfFailed();
  }

  #attributes(header: TarHeader): Attributes {
    const said = attributesOf(header);
    return { ...said, ...this.#target.owner?.(said) };
  }

  #directory(path: string, folder: number, attributes: Attributes): void {
    const list = this.#list;
    makeFolder(list, folder, baseOf(path));
    const known = this.#open.get(path);
    const slot = known ?? this.#claim(path, folder);
    openFolder(list, folder, baseOf(path), slot, "mounts");
    finish(list, slot, attributes);
    this.#times.push({ path, attributes });
  }

  async #content(header: TarHeader, extents: TarEntry["extents"], path: string): Promise<void> {
    const { file } = this.#session;
    let position = 0;
    for await (const { offset, bytes } of extents) {
      this.#begin(path);
      if (offset !== position) this.#list.call(numbers.lseek, 0, file, offset, 0 /* SEEK_SET */);
      this.#list.data(file, bytes.length);
      this.#data.push(bytes);
      position = offset + bytes.length;
      await this.#flushIfFull();
    }
    this.#begin(path);
    if (position !== header.size) this.#list.call(numbers.ftruncate, 0, file, header.size);
  }

  /** The slot of a folder; what the archive has no entries of is made. `keep` is another that must stay open. */
  #folder(path: string, keep = -1): number {
    const known = this.#open.get(path);
    if (known !== undefined) {
      this.#open.delete(path);
      this.#open.set(path, known);
      return known;
    }
    const slot = this.#claim(path, keep);
    if (path === ".") {
      this.#walk(this.#target.path, slot);
      return slot;
    }
    const list = this.#list;
    this.#walk(below(this.#target.path, path), slot);
    const missing = list.branch(ENOENT);
    const done = list.jump();
    list.landRule(missing);
    this.#walk(this.#target.path, slot);
    const names = path.split("/");
    for (const [i, name] of names.entries()) {
      list.call(numbers.mkdirat, pointer1, slot, list.text(name), 0o755);
      list.forgive(EEXIST);
      this.#walk(below(this.#target.path, names.slice(0, i + 1).join("/")), slot);
    }
    list.land(done);
    return slot;
  }

  #walk(path: string, slot: number): void {
    const list = this.#list;
    const how = list.words(flags, 0, resolve);
    list.call(numbers.openat2, pointer1 | pointer2, this.#target.root, list.text(path), how, 24);
    list.into(slot);
  }

  #claim(path: string, keep: number): number {
    let slot = this.#free.pop();
    if (slot === undefined)
      for (const [oldest, its] of this.#open) {
        if (its === keep) continue;
        this.#open.delete(oldest);
        slot = its;
        break;
      }
    this.#open.set(path, slot!);
    return slot!;
  }

  #begin(path: string): void {
    if (!this.#begun) {
      this.#session.pipeline.begin(this.#list);
      this.#begun = true;
    }
    this.#path = path;
    this.#beginnings.push({ from: this.#list.length, path });
  }

  async #flushIfFull(): Promise<void> {
    if (this.#list.length < segmentCalls && this.#list.dataLength < segmentBytes) return;
    this.#flush();
    await this.#session.pipeline.room();
    this.#refuseIfFailed();
    this.#begin(this.#path);
  }

  #flush(): void {
    if (!this.#begun) return;
    const beginnings = this.#beginnings;
    this.#sent = this.#session.pipeline.send(this.#list, this.#data).then(
      () => undefined,
      (error: unknown) => {
        const path =
          error instanceof CallFailure
            ? beginnings.findLast(({ from }) => from <= error.index)?.path
            : undefined;
        this.#failure ??= path === undefined ? error : cannotPut(path as ByteString, error as CallFailure);
      },
    );
    this.#begun = false;
    this.#beginnings = [];
    this.#data = [];
  }

  #refuseIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }
}

function attributesOf(header: TarHeader): Attributes {
  const { mode, mtime } = header;
  const owner = { uid: ownerId(header, "uid"), gid: ownerId(header, "gid") };
  return { ...owner, mode, mtime, atime: header.atime ?? mtime };
}

/** Attack: -1 means "as it is" to chown(2), hence root. */
function ownerId(header: TarHeader, which: "uid" | "gid"): number {
  const id = header[which] < 0 ? header[which] + 2 ** 32 : header[which];
  if (id >= 0 && id < 2 ** 32 - 1) return id;
  throw new BrigError(
    "invalid",
    `cannot copy ${quote(displayText(header.path))}: its ${which} ${header[which]} does not exist`,
  );
}
