/**
 * A lock between processes that needs no flock and survives their death.
 *
 * A folder holds one entry per process that wants the lock. Who has made its entry and then sees no other living
 * one holds the lock. Of two that see each other the one whose name sorts first stays and waits, the other
 * withdraws and tries again. Entries are looked for only after one's own is made, so two can never both miss each
 * other; and an entry carries its owner's name, so removing that of a dead process can never hit a living one.
 */

import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BrigError } from "../../base/errors.ts";
import { sleep } from "../../base/sleep.ts";
import { isOwned, ownedName, pidOf } from "./owner.ts";
import type { ImageStore } from "./store.ts";

/** The work under the lock is a few small files; who waits longer has found a hung process. */
const patience = 30_000;
const pause = 2;

/** Runs `work` while no other process, and no other caller in this one, is at work. */
export async function withIndexLock<T>(store: ImageStore, work: () => T | Promise<T>): Promise<T> {
  const folder = lockFolder(store);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const name = ownedName(store.owner, store.random);
  const entry = join(folder, name);
  try {
    await acquire(store, folder, name);
    return await work();
  } finally {
    rmSync(entry, { force: true });
  }
}

const lockFolder = (store: ImageStore) => join(store.folder, "index.lock");

/** Entries whose owners are gone; whoever wants the lock next removes them. */
export function abandonedEntries(store: ImageStore): readonly string[] {
  try {
    return readdirSync(lockFolder(store)).filter((entry) => !isOwned(store.owner, entry));
  } catch {
    return []; // Nobody has ever wanted the lock.
  }
}

export function removeAbandonedEntries(store: ImageStore): void {
  for (const entry of abandonedEntries(store)) rmSync(join(lockFolder(store), entry), { force: true });
}

async function acquire(store: ImageStore, folder: string, name: string): Promise<void> {
  const deadline = store.now() + patience;
  for (let entered = false; ; ) {
    if (!entered) writeFileSync(join(folder, name), "", { mode: 0o600 });
    entered = true;
    const others = living(store, folder).filter((other) => other !== name);
    if (others.length === 0) return;
    if (store.now() > deadline)
      throw new BrigError(
        "unavailable",
        `cannot lock the image index: it is held by process ${pidOf(others[0]!)}`,
      );
    if (others.some((other) => other < name)) {
      rmSync(join(folder, name), { force: true });
      entered = false;
    }
    await sleep(pause * (1 + (store.random(1)[0]! % 8)));
  }
}

/** The entries whose owners live; the others are removed. */
function living(store: ImageStore, folder: string): readonly string[] {
  return readdirSync(folder).filter((entry) => {
    const alive = isOwned(store.owner, entry);
    if (!alive) rmSync(join(folder, entry), { force: true });
    return alive;
  });
}
