/** Locks between brigs of one root: a row with its owner's name, void when the owner is gone. */

import { BrigError } from "../../base/errors.ts";
import { sleep } from "../../base/sleep.ts";
import { type Owner, pidOf } from "../../image/store/owner.ts";
import type { Database } from "./database.ts";

export interface LockHost {
  readonly database: Database;
  readonly owner: Owner;
  readonly now: () => number;
}

/** Milliseconds between two attempts, and after which whoever holds a lock is taken for hung. */
const pause = 5;
const usualPatience = 30_000;

/** Runs `work` while no other process of this root, and no other caller in this one, is at work under the name. */
export async function withLock<T>(host: LockHost, name: string, work: () => Promise<T>): Promise<T> {
  using _ = await lock(host, name);
  return await work();
}

/** The lock, until it is disposed of; `patience` is in milliseconds. */
export async function lock(host: LockHost, name: string, patience = usualPatience): Promise<Disposable> {
  const deadline = host.now() + patience;
  for (let holder = take(host, name); holder !== undefined; holder = take(host, name)) {
    if (host.now() > deadline)
      throw new BrigError("unavailable", `cannot lock the ${name}: it is held by process ${pidOf(holder)}`);
    await sleep(pause);
  }
  return { [Symbol.dispose]: () => void host.database.run("DELETE FROM lock WHERE name = ?", name) };
}

/** Whether anybody is at work under the name. */
export function isLocked({ database, owner }: LockHost, name: string): boolean {
  const row = database.get("SELECT owner FROM lock WHERE name = ?", name);
  return row !== undefined && owner.isAlive(String(row.owner));
}

/** Undefined when the lock is ours now, else its owner. */
function take({ database, owner }: LockHost, name: string): string | undefined {
  return database.transaction(() => {
    const row = database.get("SELECT owner FROM lock WHERE name = ?", name);
    const holder = row && String(row.owner);
    if (holder !== undefined && owner.isAlive(holder)) return holder;
    database.run("INSERT OR REPLACE INTO lock (name, owner) VALUES (?, ?)", name, owner.id);
    return undefined;
  });
}
