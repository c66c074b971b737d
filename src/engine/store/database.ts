/**
 * The one database of a root: what should be. WAL with full synchronisation: what was acknowledged survives a
 * power cut. No transaction spans I/O other than its own.
 *
 * Schema changes only add; a database that a newer brig has written is refused.
 */

import { closeSync, existsSync, mkdirSync, openSync, utimesSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { BrigError } from "../../base/errors.ts";

/** How long a writer waits for another one; a transaction takes about a millisecond. */
const busyMilliseconds = 10_000;

/** Milliseconds between two attempts where SQLite does not wait by itself. */
const pause = 2;
const [SQLITE_BUSY, SQLITE_CORRUPT, SQLITE_NOTADB] = [5, 11, 26];

/** Pages of the log before it is moved into the database: what whoever opens it next may have to read. */
const logPages = 100;

/** What each version adds to the one before it; none is ever changed. */
const steps: readonly string[] = [
  `
  CREATE TABLE container (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    image TEXT NOT NULL,
    state TEXT NOT NULL,
    created INTEGER NOT NULL,
    started INTEGER,
    finished INTEGER,
    exit_code INTEGER,
    oom INTEGER NOT NULL DEFAULT 0,
    error TEXT,
    pid INTEGER,
    owner TEXT,
    auto_remove INTEGER NOT NULL,
    spec TEXT NOT NULL,
    endpoint TEXT,
    cgroup TEXT
  ) STRICT;
  CREATE TABLE lease (
    network TEXT NOT NULL,
    address TEXT NOT NULL,
    container TEXT NOT NULL REFERENCES container(id) ON DELETE CASCADE,
    PRIMARY KEY (network, address)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE port (
    protocol TEXT NOT NULL,
    address TEXT NOT NULL,
    port INTEGER NOT NULL,
    container TEXT NOT NULL REFERENCES container(id) ON DELETE CASCADE,
    PRIMARY KEY (protocol, address, port)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE network (
    name TEXT PRIMARY KEY,
    config TEXT NOT NULL,
    boot TEXT,
    last_address TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE event (
    id INTEGER PRIMARY KEY,
    time INTEGER NOT NULL,
    type TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    attributes TEXT NOT NULL
  ) STRICT;
`,
  "ALTER TABLE container ADD COLUMN shim TEXT",
  "CREATE TABLE lock (name TEXT PRIMARY KEY, owner TEXT NOT NULL) STRICT, WITHOUT ROWID",
  "ALTER TABLE container ADD COLUMN restarter TEXT",
  "CREATE TABLE volume (name TEXT PRIMARY KEY, created INTEGER NOT NULL, labels TEXT NOT NULL) STRICT, WITHOUT ROWID",
  `CREATE TABLE execution (
    id TEXT PRIMARY KEY,
    container TEXT NOT NULL REFERENCES container(id) ON DELETE CASCADE,
    created INTEGER NOT NULL,
    spec TEXT NOT NULL,
    owner TEXT,
    pid INTEGER,
    exit_code INTEGER
  ) STRICT;
  CREATE INDEX execution_of_container ON execution (container)`,
  "ALTER TABLE container ADD COLUMN driver TEXT NOT NULL DEFAULT 'overlay2'",
  "CREATE TABLE storage (boot TEXT NOT NULL, device INTEGER NOT NULL, found TEXT NOT NULL) STRICT",
  "ALTER TABLE volume ADD COLUMN options TEXT NOT NULL DEFAULT '{}'",
  `
  CREATE TABLE id_pool (first INTEGER PRIMARY KEY, size INTEGER NOT NULL) STRICT;
  CREATE TABLE id_next (one INTEGER PRIMARY KEY CHECK (one = 1), id INTEGER NOT NULL) STRICT;
  ALTER TABLE container ADD COLUMN ids TEXT;
`,
];

type Row = Record<string, unknown>;

export class Database implements Disposable {
  readonly #db: DatabaseSync;
  readonly #path: string;
  #held = false;
  #inTransaction = false;
  #announced = false;
  readonly #statements = new Map<string, StatementSync>();

  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o711 });
    // For root alone, and so its log too: environments hold passwords.
    if (!existsSync(path)) closeSync(openSync(path, "a", 0o600));
    this.#db = new DatabaseSync(path);
    this.#db.exec(`PRAGMA busy_timeout = ${busyMilliseconds}`);
    const version = this.#versionOf(path);
    if (version > steps.length)
      throw new BrigError(
        "unsupported",
        `cannot use ${path}: a newer brig has written it (version ${version}); use that brig`,
        { code: "newer-database" },
      );
    this.#db.exec(
      `PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = ${logPages}`,
    );
    if (version === 0) this.#keepLog();
    if (version < steps.length) this.#advance();
    this.#path = path;
  }

  get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#statement(sql).get(...values) as Row | undefined;
  }

  all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#statement(sql).all(...values) as Row[];
  }

  /** Returns how many rows changed. */
  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#statement(sql).run(...values).changes);
  }

  /** One writer at a time, from the first read on. */
  transaction<T>(work: () => T): T {
    this.#db.exec("BEGIN IMMEDIATE");
    this.#inTransaction = true;
    try {
      const result = work();
      this.#db.exec("COMMIT");
      this.#inTransaction = false;
      if (this.#announced) this.announce();
      return result;
    } catch (error) {
      this.#db.exec("ROLLBACK");
      throw error;
    } finally {
      this.#inTransaction = this.#announced = false;
    }
  }

  /** The file that is touched after a commit that somebody may wait for. */
  get signal(): string {
    return `${this.#path}-signal`;
  }

  /** Touches that file, after the commit of the transaction that is under way. */
  announce(): void {
    this.#announced = this.#inTransaction;
    if (this.#inTransaction) return;
    const now = Date.now() / 1000;
    try {
      utimesSync(this.signal, now, now);
    } catch {
      // Nobody has ever waited.
    }
  }

  /** To be called before one waits for the file. */
  makeSignal(): string {
    closeSync(openSync(this.signal, "a", 0o600));
    return this.signal;
  }

  /** One that does not wait for the disk: a power cut may undo it, and then what it says must be over as well. */
  transientTransaction<T>(work: () => T): T {
    this.#db.exec("PRAGMA synchronous = NORMAL");
    try {
      return this.transaction(work);
    } finally {
      this.#db.exec("PRAGMA synchronous = FULL");
    }
  }

  /** To be called also at the end of a process: Bun would move the log into the database there. */
  [Symbol.dispose](): void {
    this.hold();
    this.#db.close();
  }

  /**
   * A second handle on the file, never used: closing the last connection moves the log into the database, with four
   * waits for the disk, but not while another handle of its process is open, nor from one that may only read. Done
   * in the end, or before by whoever has time.
   */
  hold(): void {
    if (this.#held) return;
    this.#held = true;
    const name = encodeURI(this.#path).replaceAll("?", "%3F").replaceAll("#", "%23");
    try {
      this.#db.prepare("ATTACH ? AS held").run(`file:${name}?mode=ro`);
      this.#db.exec("PRAGMA held.user_version");
    } catch {
      // Closing takes longer then, and that is all.
    }
  }

  /** That takes the file for itself for a moment, and unlike everything else does not wait for others by itself. */
  #keepLog(): void {
    for (let waited = 0; ; waited += pause) {
      try {
        this.#db.exec("PRAGMA journal_mode = WAL");
        return;
      } catch (error) {
        if ((error as { errcode?: number }).errcode !== SQLITE_BUSY || waited > busyMilliseconds) throw error;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pause);
      }
    }
  }

  /** Another process may be first. */
  #advance(): void {
    this.transaction(() => {
      for (const step of steps.slice(this.#version())) this.#db.exec(step);
      this.#db.exec(`PRAGMA user_version = ${steps.length}`);
    });
    // Makes SQLite look at what another process has made: a table that is not known here would be that of `held`.
    this.#db.exec("SELECT 1 FROM main.sqlite_schema");
  }

  #version(): number {
    return Number((this.#db.prepare("PRAGMA user_version").get() as Row).user_version);
  }

  /** The first read of the file: here it turns out that it is none of SQLite's, or is damaged. */
  #versionOf(path: string): number {
    try {
      return this.#version();
    } catch (error) {
      const { errcode, message } = error as { errcode?: number; message: string };
      if (errcode !== SQLITE_CORRUPT && errcode !== SQLITE_NOTADB) throw error;
      throw new BrigError(
        "internal",
        `cannot read ${path}: ${message}; put a copy of it in its place, or move it away and brig begins anew`,
        { code: "damaged-database", cause: error },
      );
    }
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}
