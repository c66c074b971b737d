/**
 * Lists folders that somebody else may be changing: what is gone when it is looked at is left out.
 *
 * Round trips are for many folders at once, never for a file.
 */

import { BrigError } from "../../base/errors.ts";
import { errnoNumber, errnoText } from "../../kernel/errno.ts";
import { type CallAnswer, CallFailure, type Pipeline } from "../../kernel/executor/pipeline.ts";
import { CallList, callNumbers, pointer1 } from "../../kernel/program/call-list.ts";
import { type ByteString, byteString, displayText } from "../tar/byte-string.ts";
import type { Side } from "./side.ts";
import { type FileStat, statAt, statInto, statSize } from "./stat.ts";

export interface FoundFile {
  readonly name: string;
  readonly stat: FileStat;
  /** Where a symbolic link leads. */
  readonly link: ByteString;
}

export interface FolderPath {
  /** Beneath the side's top; `.` is the top. */
  readonly path: string;
  /** Something is mounted there: it may be no place for files. */
  readonly mountRoot: boolean;
}

const numbers = callNumbers("fstatfs", "getdents64", "getpid", "readlinkat");
const gone = (["ENOENT", "ENOTDIR", "ELOOP", "EACCES"] as const).map(errnoNumber);
const [ENOENT, EINVAL] = [errnoNumber("ENOENT"), errnoNumber("EINVAL")];

/** Some 800 entries with usual names; two of them a round trip, as most folders end in the first. */
const listingSize = 32768;
const listingsAtOnce = 2;
const statsAtOnce = 500;
const linksAtOnce = 200;
const linkSize = 4096;
const statfsSize = 120;

/** File systems that are the kernel's talk, not files (linux/magic.h): listed as empty, as in Docker. */
const pseudo = new Set([
  0x9fa0 /* proc */, 0x62656572 /* sysfs */, 0x27e0eb /* cgroup */, 0x63677270 /* cgroup2 */,
  0x1cd1 /* devpts */, 0x19800202 /* mqueue */, 0x64626720 /* debugfs */, 0x74726163 /* tracefs */,
  0x73636673 /* securityfs */, 0xcafe4a11 /* bpf */, 0x62656570 /* configfs */,
]);

interface Name {
  readonly name: string;
  readonly mayBeLink: boolean;
}

export class TreeReader {
  readonly #pipeline: Pipeline;
  readonly #side: Side;
  readonly #list = new CallList();

  constructor(pipeline: Pipeline, side: Side) {
    this.#pipeline = pipeline;
    this.#side = side;
  }

  /** What is in each of the folders, in the order of the bytes of the names. A few folders at a time. */
  async list(folders: readonly FolderPath[]): Promise<readonly (readonly FoundFile[])[]> {
    const names = await this.#names(folders);
    const found: FoundFile[][] = folders.map(() => []);
    let wanted: { readonly at: number; readonly name: Name }[] = [];
    let links = 0;
    for (const [at, each] of names.entries())
      for (const name of each.sort((a, b) => (a.name < b.name ? -1 : 1))) {
        wanted.push({ at, name });
        if (name.mayBeLink) links++;
        if (wanted.length < statsAtOnce && links < linksAtOnce) continue;
        await this.#stat(folders, wanted, found);
        wanted = [];
        links = 0;
      }
    await this.#stat(folders, wanted, found);
    return found;
  }

  /** What has these names in a folder; undefined where nothing has, or where there is no such folder. */
  async look(path: string, names: readonly string[]): Promise<ReadonlyMap<string, FileStat>> {
    const found = new Map<string, FileStat>();
    for (let from = 0; from < names.length; from += statsAtOnce) {
      const some = names.slice(from, from + statsAtOnce);
      const list = this.#list;
      this.#pipeline.begin(list);
      const before = list.length;
      const slot = this.#side.folders.slot(list, path);
      const rules = list.length > before ? gone.map((errno) => list.branch(errno)) : [];
      const room = list.room(some.length * statSize);
      for (const [i, name] of some.entries()) {
        statInto(list, slot, name, room + i * statSize);
        list.forgive(ENOENT);
      }
      const last = list.call(numbers.getpid, 0);
      list.answerRoom(room, some.length * statSize);
      for (const rule of rules) list.landRule(rule);
      const [answer] = (await this.#send(path)).filter(({ index }) => index === last);
      if (answer === undefined) this.#side.folders.forget(path);
      for (const [i, name] of some.entries()) {
        const stat = answer && statAt(answer.bytes, i * statSize);
        if (stat) found.set(name, stat);
      }
    }
    return found;
  }

  async #names(folders: readonly FolderPath[]): Promise<Name[][]> {
    const names: Name[][] = folders.map(() => []);
    const list = this.#list;
    let first = true;
    for (let open = folders.map((_, at) => at); open.length > 0; first = false) {
      this.#pipeline.begin(list);
      const calls = open.map((at) => this.#read(folders[at]!, first));
      const answers = new Map((await this.#send(folders[0]!.path)).map((answer) => [answer.index, answer]));
      const unfinished: number[] = [];
      for (const [i, { statfs, listings }] of calls.entries()) {
        const at = open[i]!;
        const blocks = listings.map((index) => answers.get(index)?.bytes);
        if (blocks[0] === undefined) this.#side.folders.forget(folders[at]!.path);
        else if (isPseudo(answers.get(statfs))) continue;
        for (const bytes of blocks) if (bytes) names[at]!.push(...namesOf(bytes));
        if (blocks.at(-1)?.length) unfinished.push(at);
      }
      open = unfinished;
    }
    return names;
  }

  /** `path` is for what is told of a failure. */
  async #send(path: string): Promise<readonly CallAnswer[]> {
    try {
      return await this.#pipeline.send(this.#list);
    } catch (error) {
      if (!(error instanceof CallFailure)) throw error;
      const shown = displayText(path as ByteString);
      throw new BrigError(error.kind, `cannot read "${shown}": ${errnoText(error.errno)}`, { cause: error });
    }
  }

  /** A folder that has gone answers nothing. */
  #read({ path, mountRoot }: FolderPath, first: boolean) {
    const list = this.#list;
    const before = list.length;
    const slot = this.#side.folders.slot(list, path);
    const rules = list.length > before ? gone.map((errno) => list.branch(errno)) : [];
    let statfs = -1;
    if (first && mountRoot) {
      const place = list.room(statfsSize);
      statfs = list.call(numbers.fstatfs, 0, slot);
      list.writes(1, place);
      list.answerRoom(place, statfsSize);
    }
    const listings = Array.from({ length: listingsAtOnce }, () => {
      const index = list.call(numbers.getdents64, 0, slot, 0, listingSize);
      list.answerBuffer(1, listingSize);
      list.forgive(ENOENT); // It has been removed.
      return index;
    });
    for (const rule of rules) list.landRule(rule);
    return { statfs, listings };
  }

  async #stat(
    folders: readonly FolderPath[],
    wanted: readonly { readonly at: number; readonly name: Name }[],
    found: readonly FoundFile[][],
  ): Promise<void> {
    if (wanted.length === 0) return;
    const list = this.#list;
    this.#pipeline.begin(list);
    const room = list.room(wanted.length * statSize);
    const links = wanted.map(({ at, name: { name, mayBeLink } }, i) => {
      const slot = this.#side.folders.slot(list, folders[at]!.path);
      statInto(list, slot, name, room + i * statSize);
      list.forgive(ENOENT);
      return mayBeLink ? readLink(list, slot, name) : -1;
    });
    const last = list.call(numbers.getpid, 0);
    list.answerRoom(room, wanted.length * statSize);
    const answers = new Map((await this.#send(folders[0]!.path)).map((answer) => [answer.index, answer]));
    const stats = answers.get(last)!.bytes;
    for (const [i, { at, name }] of wanted.entries()) {
      const stat = statAt(stats, i * statSize);
      const link = byteString(answers.get(links[i]!)?.bytes ?? Buffer.alloc(0));
      // A link that was something else a moment ago has no target yet.
      if (stat !== undefined && (stat.kind !== "symbolic-link" || link !== ""))
        found[at]!.push({ name: name.name, stat, link });
    }
  }
}

/** Answers nothing where there is no link. Returns the call. */
export function readLink(list: CallList, folder: number, name: string): number {
  const index = list.call(numbers.readlinkat, pointer1, folder, list.text(name), 0, linkSize);
  list.answerBuffer(2, linkSize);
  list.forgive(EINVAL);
  list.forgive(ENOENT);
  return index;
}

function isPseudo(answer: CallAnswer | undefined): boolean {
  return answer !== undefined && pseudo.has(answer.bytes.readUInt32LE(0));
}

const DT_UNKNOWN = 0;
const DT_LNK = 10;

/** struct linux_dirent64 of getdents64(2), without `.` and `..`. */
export function* namesOf(bytes: Buffer): Generator<Name> {
  for (let at = 0; at < bytes.length; at += bytes.readUInt16LE(at + 16)) {
    const type = bytes[at + 18];
    const name = bytes.toString("latin1", at + 19, bytes.indexOf(0, at + 19));
    if (name !== "." && name !== "..") yield { name, mayBeLink: type === DT_LNK || type === DT_UNKNOWN };
  }
}
