/**
 * What happens, as it happens, in whichever process: rows of the database, and a file that is touched after the commit
 * of new ones. A follower keeps nothing but the number of the last event it was given, so that one that never reads
 * costs nothing; what it then asks for it gets from the rows, of which the last ten thousand are kept.
 */

import { type FSWatcher, watch } from "node:fs";
import type { Database } from "../store/database.ts";

/** Something that has happened. */
export interface EngineEvent {
  readonly id: number;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly type: string;
  /** Docker's word. */
  readonly action: string;
  /** Id or name of what it happened to. */
  readonly subject: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Which events are wanted. */
export interface EventQuery {
  /** Milliseconds since the epoch: also what has happened before, from then on. */
  readonly since?: number;
  /** Milliseconds since the epoch: ends there. */
  readonly until?: number;
  readonly signal?: AbortSignal;
}

/** How many rows are read at a time. */
const batch = 256;

/** How many of the newest are kept at hand for all followers together. */
const kept = 1024;

/** Milliseconds after which a follower looks again at the latest, as a notification may be lost. */
const patience = 1000;

/**
 * Milliseconds after a notification at which somebody looks again, once for all followers: Bun takes two changes of a file
 * within a millisecond for one, and tells of it before the second.
 */
const secondLooks = [3, 30];

export class EventFeed implements Disposable {
  readonly #database: Database;
  readonly #waiting = new Set<() => void>();
  /** The newest, without a gap. */
  #recent: EngineEvent[] = [];
  #watcher: FSWatcher | undefined;
  #looks: ReturnType<typeof setTimeout>[] = [];

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Every event that the query wants, in order; without `until` it goes on until its signal is aborted. With `until`
   * alone also what has happened before is told, as by Docker.
   */
  async *follow({ since, until, signal }: EventQuery): AsyncGenerator<EngineEvent> {
    const ended = () => signal?.aborted || (until !== undefined && Date.now() > until);
    let after = since === undefined && until === undefined ? this.last() : 0;
    this.#watch();
    for (;;) {
      const last = ended();
      const events = this.#after(after);
      for (const event of events) {
        after = event.id;
        if (until !== undefined && event.time > until) return;
        if (since === undefined || event.time >= since) yield event;
      }
      if (events.length > 0) continue;
      if (last) return;
      await this.#change(until, signal);
    }
  }

  /** The number of the newest event. */
  last(): number {
    return Number(this.#database.get("SELECT max(id) AS id FROM event")?.id ?? 0);
  }

  [Symbol.dispose](): void {
    for (const timer of this.#looks.splice(0)) clearTimeout(timer);
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  #after(id: number): readonly EngineEvent[] {
    this.#refresh();
    const oldest = this.#recent[0];
    if (oldest && id + 1 >= oldest.id)
      return this.#recent.slice(id + 1 - oldest.id, id + 1 - oldest.id + batch);
    return this.#read(id, batch);
  }

  /** Reads what is new once for all followers. */
  #refresh(): void {
    const newest = this.#recent.at(-1)?.id ?? Math.max(0, this.last() - kept);
    for (let read = this.#read(newest, batch); read.length > 0; read = this.#read(read.at(-1)!.id, batch))
      this.#recent.push(...read);
    if (this.#recent.length > 2 * kept) this.#recent = this.#recent.slice(-kept);
  }

  #read(after: number, limit: number): readonly EngineEvent[] {
    return this.#database
      .all(
        "SELECT id, time, type, action, subject, attributes FROM event WHERE id > ? ORDER BY id LIMIT ?",
        after,
        limit,
      )
      .map((row) => ({
        id: Number(row.id),
        time: Number(row.time),
        type: String(row.type),
        action: String(row.action),
        subject: String(row.subject),
        attributes: JSON.parse(String(row.attributes)),
      }));
  }

  #watch(): void {
    if (this.#watcher) return;
    const watcher = watch(this.#database.makeSignal(), { persistent: false }, () => this.#wake());
    watcher.on("error", () => this[Symbol.dispose]());
    this.#watcher = watcher;
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
    for (const timer of this.#looks.splice(0)) clearTimeout(timer);
    this.#looks.push(...secondLooks.map((milliseconds) => setTimeout(() => this.#lookAgain(), milliseconds)));
  }

  #lookAgain(): void {
    if (this.last() > (this.#recent.at(-1)?.id ?? 0)) this.#wake();
  }

  #change(until: number | undefined, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const left = until === undefined ? patience : Math.min(patience, Math.max(0, until - Date.now()) + 1);
      const finish = () => {
        clearTimeout(timer);
        this.#waiting.delete(finish);
        signal?.removeEventListener("abort", finish);
        resolve();
      };
      const timer = setTimeout(finish, left);
      this.#waiting.add(finish);
      signal?.addEventListener("abort", finish);
      if (signal?.aborted) finish();
    });
  }
}
