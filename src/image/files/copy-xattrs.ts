/**
 * The extended attributes of files and folders that are copied. Their names are asked for while each is open anyway; most
 * have none, and those that have are opened once more in the end.
 */

import * as F from "../../kernel/abi/files.ts";
import { errnoNumber } from "../../kernel/errno.ts";
import type { CallAnswer } from "../../kernel/executor/pipeline.ts";
import { CallList, callNumbers, pointer1 } from "../../kernel/program/call-list.ts";
import { parentOf } from "../layers/session-folders.ts";
import { filterXattrs } from "../layers/xattr-filter.ts";
import { type ByteString, byteString } from "../tar/byte-string.ts";
import { baseOf } from "./path.ts";
import type { FileSession, Side } from "./side.ts";
import { setXattr } from "./target.ts";

const numbers = callNumbers("close", "fgetxattr", "flistxattr", "openat");
const [ENODATA, EOPNOTSUPP, ERANGE] = [
  errnoNumber("ENODATA"),
  errnoNumber("EOPNOTSUPP"),
  errnoNumber("ERANGE"),
];
const reading = F.O_RDONLY | F.O_NOFOLLOW | F.O_NONBLOCK | F.O_NOCTTY | F.O_CLOEXEC;
/** linux/limits.h, XATTR_LIST_MAX and XATTR_SIZE_MAX. */
const [namesSize, valueSize] = [65536, 65536];
/** Mostly they are few; a longer list is asked for again. */
const usualSize = 256;

interface Copied {
  readonly from: string;
  readonly to: string;
}

export class XattrCopy {
  readonly #session: FileSession;
  readonly #from: Side;
  readonly #to: Side;
  readonly #having: Copied[] = [];
  #asked = new Map<number, Copied>();

  constructor(session: FileSession, from: Side, to: Side) {
    this.#session = session;
    this.#from = from;
    this.#to = to;
  }

  /** Adds the question to a list: what has the file in the slot? */
  ask(list: CallList, slot: number, copied: Copied): void {
    const index = list.call(numbers.flistxattr, 0, slot, 0, usualSize);
    list.answerBuffer(1, usualSize);
    for (const errno of [EOPNOTSUPP, ERANGE]) list.forgive(errno);
    this.#asked.set(index, copied);
  }

  /** What becomes of the answers to the questions since the last call. */
  take(): (answers: readonly CallAnswer[]) => void {
    const asked = this.#asked;
    this.#asked = new Map();
    return (answers) => {
      for (const { index, result, bytes } of answers) {
        const copied = asked.get(index);
        if (copied !== undefined && (result === -ERANGE || hasOwn(bytes))) this.#having.push(copied);
      }
    };
  }

  /** When everything is where it shall be. */
  async copy(): Promise<void> {
    for (const copied of this.#having.splice(0)) await this.#copy(copied);
  }

  async #copy({ from, to }: Copied): Promise<void> {
    const { pipeline, file, copy } = this.#session;
    const list = new CallList();
    pipeline.begin(list);
    open(list, this.#from, from, file);
    const listing = list.call(numbers.flistxattr, 0, file, 0, namesSize);
    list.answerBuffer(1, namesSize);
    const names = namesIn((await pipeline.send(list)).find(({ index }) => index === listing)!.bytes);

    pipeline.begin(list);
    const values = names.map((name) => {
      const index = list.call(numbers.fgetxattr, pointer1, file, list.text(name), 0, valueSize);
      list.answerBuffer(2, valueSize);
      for (const errno of [ENODATA, EOPNOTSUPP]) list.forgive(errno);
      return index;
    });
    const answers = new Map((await pipeline.send(list)).map((answer) => [answer.index, answer]));
    const found = names.flatMap((name, i): readonly (readonly [ByteString, Buffer])[] => {
      const answer = answers.get(values[i]!);
      return answer === undefined || answer.result < 0 ? [] : [[name, answer.bytes]];
    });

    pipeline.begin(list);
    open(list, this.#to, to, copy);
    for (const { name, value } of filterXattrs(new Map(found))) setXattr(list, copy, name, value);
    for (const slot of [file, copy]) list.call(numbers.close, 0, slot);
    await pipeline.send(list);
  }
}

function namesIn(bytes: Buffer): readonly ByteString[] {
  return byteString(bytes).split("\0").filter(Boolean) as ByteString[];
}

/** Where the host has a policy of its own, every file has an attribute that is the policy's. */
function hasOwn(names: Buffer): boolean {
  return (
    names.length > 0 &&
    filterXattrs(new Map(namesIn(names).map((name) => [name, Buffer.alloc(0)]))).length > 0
  );
}

function open(list: CallList, side: Side, path: string, slot: number): void {
  const folder = side.folders.slot(list, path === "." ? "." : parentOf(path));
  list.call(numbers.openat, pointer1, folder, list.text(path === "." ? "." : baseOf(path)), reading);
  list.into(slot);
}
