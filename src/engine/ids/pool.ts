/**
 * The pools of host ids that a root has for its containers: taken from what the ledger says is free, and given back with
 * the last container. In the ledger first and in the database then, and back in the other order, so that what is
 * interrupted leaves nothing that two roots have: a pool that is only in the ledger is found again.
 */

import { existsSync } from "node:fs";
import type { HostPath } from "../../base/ids.ts";
import type { Executor } from "../../kernel/executor/executor.ts";
import { paths, type Roots, rootsOf } from "../roots.ts";
import type { Database } from "../store/database.ts";
import { lockHost } from "../store/host-lock.ts";
import { leasedRanges, poolsOf } from "./lease.ts";
import { choosePool, type Entry, readIdFacts, readLedger, writeLedger } from "./ledger.ts";
import { type IdRange, overlap } from "./range.ts";

export interface PoolHost {
  readonly roots: Roots;
  readonly database: Database;
  /** An executor in the host's namespaces, which holds the lock. */
  readonly session: () => Executor;
  readonly ledger?: string;
}

/** Not below a root: it is for all of them. */
const hostLedger = "/var/lib/brig-ids";

/** One more pool for this root, unless another brig has just added one. Throws `exhausted`. */
export async function addPool(host: PoolHost): Promise<void> {
  const { roots, database, ledger = hostLedger } = host;
  const before = poolsOf(database).length;
  await locked(host, () => {
    const known = poolsOf(database);
    if (known.length > before) return;
    const entries = readLedger(ledger).filter(isThere);
    const forgotten = entries.find(
      (entry) => entry.root === roots.root && !known.some((pool) => overlap(pool, entry)),
    );
    const pool = forgotten ?? { ...choosePool(entries, readIdFacts()), root: roots.root };
    if (!forgotten) writeLedger(ledger, [...entries, pool]);
    database.run("INSERT INTO id_pool (first, size) VALUES (?, ?)", pool.first, pool.size);
  });
}

/** Gives back what no container has anything of. Returns those pools as entries of the ledger. */
export async function releasePools(host: PoolHost): Promise<readonly Entry[]> {
  const { roots, database, ledger = hostLedger } = host;
  if (poolsOf(database).length === 0) return [];
  return locked(host, () => {
    database.transaction(() => {
      const leased = leasedRanges(database);
      for (const pool of poolsOf(database))
        if (!leased.some((range) => overlap(range, pool)))
          database.run("DELETE FROM id_pool WHERE first = ?", pool.first);
    });
    const kept = poolsOf(database);
    const entries = readLedger(ledger).filter(isThere);
    const released = entries.filter(
      (entry) => entry.root === roots.root && !kept.some((pool) => overlap(pool, entry)),
    );
    writeLedger(
      ledger,
      entries.filter((entry) => !released.includes(entry)),
    );
    return released;
  });
}

/** A pool that the ledger or the database does not have for this root, as the other one has. */
export interface Disagreement {
  readonly kind: "unlisted" | "forgotten" | "taken";
  readonly pool: IdRange;
  /** The other root that the ledger says has it. */
  readonly by?: string;
}

export function disagreements({
  roots,
  database,
  ledger = hostLedger,
}: Omit<PoolHost, "session">): readonly Disagreement[] {
  const entries = readLedger(ledger).filter(isThere);
  const own = entries.filter(({ root }) => root === roots.root);
  const pools = poolsOf(database);
  const lacking = (some: readonly IdRange[], from: readonly IdRange[]) =>
    from.filter((range) => !some.some((other) => overlap(range, other)));
  return [
    ...lacking(own, pools).map((pool): Disagreement => {
      const other = entries.find((entry) => overlap(entry, pool));
      return other ? { kind: "taken", pool, by: other.root } : { kind: "unlisted", pool };
    }),
    ...lacking(pools, own).map(
      ({ first, size }): Disagreement => ({ kind: "forgotten", pool: { first, size } }),
    ),
  ];
}

/** Ends those in which no other root has a part: what either says stays this root's. */
export async function agree(host: PoolHost): Promise<void> {
  const { roots, database, ledger = hostLedger } = host;
  await locked(host, () => {
    for (const { kind, pool } of disagreements(host)) {
      if (kind === "unlisted")
        writeLedger(ledger, [...readLedger(ledger).filter(isThere), { ...pool, root: roots.root }]);
      if (kind === "forgotten")
        database.run("INSERT INTO id_pool (first, size) VALUES (?, ?)", pool.first, pool.size);
    }
  });
}

/** A root whose folder somebody has deleted has no containers. */
function isThere({ root }: Entry): boolean {
  return existsSync(paths.database(rootsOf(root as HostPath)));
}

async function locked<T>({ session }: PoolHost, work: () => T): Promise<T> {
  const executor = session();
  try {
    await lockHost(executor, lockPath, "lock the host's ids");
    return work();
  } finally {
    executor.close();
  }
}

const lockPath = "/run/brig-ids.lock";
