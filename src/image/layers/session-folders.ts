/**
 * The folders of a jail that are open, so that a call names one component beneath an fd and no path is walked twice.
 *
 * A folder is opened beneath its parent's fd or the root's, never through a symbolic link or onto another mount
 * (openat2(2)). It is open for reading, not only as a path, so that its owner and attributes can be set by fd.
 */

import * as F from "../../kernel/abi/files.ts";
import { type CallList, callNumbers, pointer1, pointer2 } from "../../kernel/program/call-list.ts";

const numbers = callNumbers("openat2");

/** struct open_how. */
const flags = F.O_RDONLY | F.O_DIRECTORY | F.O_NOFOLLOW | F.O_CLOEXEC;
const beneath = F.RESOLVE_BENEATH | F.RESOLVE_NO_SYMLINKS | F.RESOLVE_NO_MAGICLINKS;
const strict = beneath | F.RESOLVE_NO_XDEV;
const openHowSize = 24;

/** PATH_MAX is 4096 with the NUL; a longer path is opened folder by folder. */
const walkedAtOnce = 4000;

/** What may be met on the way to a folder, besides folders: nothing, or mounts. */
export type Passing = "nothing" | "mounts";

/** Opens the directory that stands at `path` beneath `at`. */
export function openFolder(
  list: CallList,
  at: number,
  path: string,
  slot: number,
  passing: Passing = "nothing",
): void {
  const resolve = passing === "mounts" ? beneath : strict;
  const how = list.words(flags, 0, resolve);
  list.call(numbers.openat2, pointer1 | pointer2, at, list.text(path), how, openHowSize);
  list.into(slot);
}

export class OpenFolders {
  readonly #root: number;
  readonly #free: number[];
  readonly #passing: Passing;
  /** Path to slot; the one used last is the last. */
  readonly #open = new Map<string, number>();

  constructor(root: number, slots: readonly number[], passing: Passing = "nothing") {
    this.#root = root;
    this.#passing = passing;
    this.#free = [...slots];
  }

  /** The slot of a folder, which is opened if it is not; `keep` is another that must stay open. */
  slot(list: CallList, path: string, keep = -1): number {
    if (path === ".") return this.#root;
    const known = this.#open.get(path);
    if (known !== undefined) {
      this.#open.delete(path);
      this.#open.set(path, known);
      return known;
    }
    const parent = parentOf(path);
    const near =
      this.#open.get(parent) ?? (path.length > walkedAtOnce ? this.slot(list, parent, keep) : undefined);
    const slot = this.#claim(path, near, keep);
    if (near === undefined) openFolder(list, this.#root, path, slot, this.#passing);
    else openFolder(list, near, path.slice(parent.length + 1), slot, this.#passing);
    return slot;
  }

  /** The slot of a folder only if it is open already. */
  known(path: string): number | undefined {
    return path === "." ? this.#root : this.#open.get(path);
  }

  /** A slot for a folder that the caller opens beneath the one in `parent`. */
  claim(path: string, parent: number): number {
    return this.#claim(path, parent, -1);
  }

  /** The folder at `path` is no more, and nothing beneath it. */
  forget(path: string): void {
    for (const [each, slot] of this.#open)
      if (each === path || each.startsWith(`${path}/`)) {
        this.#open.delete(each);
        this.#free.push(slot);
      }
  }

  #claim(path: string, parent: number | undefined, keep: number): number {
    let slot = this.#free.pop();
    if (slot === undefined)
      for (const [oldest, its] of this.#open) {
        if (its === parent || its === keep) continue;
        this.#open.delete(oldest);
        slot = its;
        break;
      }
    this.#open.set(path, slot!);
    return slot!;
  }
}

export function parentOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "." : path.slice(0, slash);
}
