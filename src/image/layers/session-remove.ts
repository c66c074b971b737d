/**
 * Removes a tree that anybody may have shaped, by fds and single components alone.
 *
 * Symbolic links are removed, not followed; a mount is not entered, and is an error. Each round trip visits many
 * directories: it tries to remove them and lists those that are not empty; the next one unlinks the files listed and
 * visits the directories. A tree may be deeper than there are slots for: what is deepest then moves up beneath the
 * top. So memory is bounded, nothing is walked by path, and a full disk is no obstacle where the depth is usual.
 */

import { AT_REMOVEDIR } from "../../kernel/abi/files.ts";
import { errnoNumber } from "../../kernel/errno.ts";
import { CallFailure, type Pipeline } from "../../kernel/executor/pipeline.ts";
import { CallList, callNumbers, pointer1, pointer3 } from "../../kernel/program/call-list.ts";
import { openFolder } from "./session-folders.ts";

export interface Tree {
  /** The slot of the folder it is in. */
  readonly at: number;
  /** What it is called there. */
  readonly name: string;
  /** Free slots; the more, the fewer round trips. */
  readonly slots: readonly number[];
}

/** What to say of a failure; `path` is relative to the folder the tree is in. */
export type Complain = (path: string, failure: CallFailure) => Error;

/** It is no error when nothing is there. */
export async function removeBeneath(pipeline: Pipeline, tree: Tree, complain: Complain): Promise<void> {
  await new Removal(pipeline, tree, complain).run();
}

const numbers = callNumbers("close", "getdents64", "lseek", "renameat", "unlinkat");
const [ENOENT, EEXIST, ENOTDIR, EISDIR, ENOTEMPTY] = (
  ["ENOENT", "EEXIST", "ENOTDIR", "EISDIR", "ENOTEMPTY"] as const
).map(errnoNumber) as [number, number, number, number, number];

/** Some 800 entries with usual names. */
const listingSize = 32768;
/** Listings in one segment; with every name as short as can be, its calls stay below the executor's limit. */
const visitsAtOnce = 32;
/** Some file systems skip entries of a directory that changes while it is read: it is read from the start again. */
const rereads = 3;

interface Entry {
  readonly name: string;
  parent: Entry | undefined;
  /** -1 while it is not open. */
  slot: number;
  /** Directories found in it that are still there. */
  children: number;
  rereads: number;
}

interface Visit {
  readonly entry: Entry;
  readonly slot: number;
  /** The call that is answered if it could not be removed. */
  readonly listing: number;
}

interface Move {
  readonly entry: Entry;
  readonly name: string;
  readonly call: number;
}

class Removal {
  readonly #pipeline: Pipeline;
  readonly #at: number;
  readonly #free: number[];
  readonly #complain: Complain;
  readonly #list = new CallList();
  readonly #top: Entry;
  /** To be visited, the last one first; one that is open has no children that are known. */
  readonly #waiting: Entry[];
  #moved = 0;
  /** Where in the list begins what is done to which path. */
  #reasons: { readonly from: number; readonly folder: Entry | undefined; readonly name: string }[] = [];

  constructor(pipeline: Pipeline, tree: Tree, complain: Complain) {
    this.#pipeline = pipeline;
    this.#at = tree.at;
    this.#free = [...tree.slots];
    this.#complain = complain;
    this.#top = entryOf(tree.name, undefined);
    this.#waiting = [this.#top];
  }

  async run(): Promise<void> {
    this.#pipeline.begin(this.#list);
    while (this.#waiting.length > 0) {
      const visits = this.#chosen().map((entry) => this.#visit(entry));
      const moves = visits.length > 0 ? [] : this.#deepest().map((entry) => this.#move(entry));
      const answers = new Map((await this.#send()).map((answer) => [answer.index, answer]));
      this.#pipeline.begin(this.#list);
      this.#reasons = [];
      for (const visit of visits) {
        const listing = answers.get(visit.listing);
        if (listing) this.#listed(visit, listing.bytes);
        else this.#gone(visit);
      }
      for (const move of moves) this.#afterMove(move, answers.get(move.call)!.result === 0);
    }
  }

  async #send() {
    const reasons = this.#reasons;
    try {
      return await this.#pipeline.send(this.#list);
    } catch (error) {
      if (!(error instanceof CallFailure)) throw error;
      const reason = reasons.findLast(({ from }) => from <= error.index);
      throw this.#complain(reason ? pathOf(reason.folder, reason.name) : this.#top.name, error);
    }
  }

  /** A part of the free slots goes to each level, so that some are left for those below. */
  #chosen(): readonly Entry[] {
    let fresh = Math.min(this.#free.length, Math.max(1, this.#free.length >> 3));
    const chosen: Entry[] = [];
    for (
      let entry = this.#waiting.at(-1);
      entry && chosen.length < visitsAtOnce;
      entry = this.#waiting.at(-1)
    ) {
      if (entry.slot < 0 && fresh-- === 0) break;
      chosen.push(entry);
      this.#waiting.pop();
    }
    return chosen;
  }

  #visit(entry: Entry): Visit {
    const list = this.#list;
    const parent = this.#begin(entry.parent, entry.name);
    const slot = entry.slot < 0 ? this.#free.pop()! : entry.slot;
    const name = list.text(entry.name);
    list.call(numbers.unlinkat, pointer1, parent, name, AT_REMOVEDIR);
    const full = [list.branch(ENOTEMPTY), list.branch(EEXIST)];
    const noDirectory = list.branch(ENOTDIR);
    list.forgive(ENOENT);
    if (entry.slot >= 0) list.call(numbers.close, 0, slot);
    const removed = list.jump();
    list.landRule(noDirectory);
    list.call(numbers.unlinkat, pointer1, parent, name, 0);
    const unlinked = list.jump();
    for (const rule of full) list.landRule(rule);
    if (entry.slot < 0) openFolder(list, parent, entry.name, slot);
    else if (entry.rereads > 0) list.call(numbers.lseek, 0, slot, 0, 0);
    const listing = list.call(numbers.getdents64, 0, slot, 0, listingSize);
    list.answerBuffer(1, listingSize);
    list.land(removed);
    list.land(unlinked);
    return { entry, slot, listing };
  }

  #listed({ entry, slot }: Visit, bytes: Buffer): void {
    entry.slot = slot;
    if (bytes.length === 0 && entry.rereads++ === rereads)
      throw this.#complain(pathOf(entry.parent, entry.name), new CallFailure(0, ENOTEMPTY));
    for (const { name, mayBeDirectory } of entriesOf(bytes)) {
      if (mayBeDirectory) {
        entry.children++;
        this.#waiting.push(entryOf(name, entry));
        continue;
      }
      this.#begin(entry, name);
      this.#list.call(numbers.unlinkat, pointer1, slot, this.#list.text(name), 0);
      this.#list.forgive(ENOENT);
    }
    if (entry.children === 0) this.#waiting.push(entry);
  }

  #gone({ entry, slot }: Visit): void {
    this.#free.push(slot);
    this.#leave(entry);
  }

  #leave({ parent }: Entry): void {
    if (parent && --parent.children === 0) this.#waiting.push(parent);
  }

  /** No slot is free: those whose parents could be closed if they were elsewhere. */
  #deepest(): readonly Entry[] {
    const deepest: Entry[] = [];
    for (let i = this.#waiting.length - 1; i >= 0 && deepest.length < visitsAtOnce; i--)
      if (this.#waiting[i]!.parent !== this.#top) deepest.push(...this.#waiting.splice(i, 1));
    return deepest;
  }

  /** To a name in the top that may be taken, by what will be removed too: then the next number is tried. */
  #move(entry: Entry): Move {
    const name = String(this.#moved++);
    const parent = this.#begin(entry.parent, entry.name);
    const [from, to] = [this.#list.text(entry.name), this.#list.text(name)];
    const call = this.#list.call(numbers.renameat, pointer1 | pointer3, parent, from, this.#top.slot, to);
    for (const taken of [EEXIST, ENOTEMPTY, ENOTDIR, EISDIR]) this.#list.forgive(taken);
    this.#list.answer();
    return { entry, name, call };
  }

  #afterMove({ entry, name }: Move, moved: boolean): void {
    if (!moved) {
      this.#waiting.push(entry);
      return;
    }
    this.#leave(entry);
    this.#top.children++;
    this.#waiting.unshift(entryOf(name, this.#top));
  }

  /** What follows in the list is done to this; returns the slot of the folder. */
  #begin(folder: Entry | undefined, name: string): number {
    this.#reasons.push({ from: this.#list.length, folder, name });
    return folder?.slot ?? this.#at;
  }
}

function entryOf(name: string, parent: Entry | undefined): Entry {
  return { name, parent, slot: -1, children: 0, rereads: 0 };
}

function pathOf(folder: Entry | undefined, name: string): string {
  const names = [name];
  for (let each = folder; each; each = each.parent) names.push(each.name);
  return names.reverse().join("/");
}

const DT_UNKNOWN = 0;
const DT_DIR = 4;

/** struct linux_dirent64 of getdents64(2), without `.` and `..`; a name is a string of bytes. */
function* entriesOf(bytes: Buffer) {
  for (let at = 0; at < bytes.length; at += bytes.readUInt16LE(at + 16)) {
    const type = bytes[at + 18];
    const name = bytes.toString("latin1", at + 19, bytes.indexOf(0, at + 19));
    if (name !== "." && name !== "..") yield { name, mayBeDirectory: type === DT_DIR || type === DT_UNKNOWN };
  }
}
