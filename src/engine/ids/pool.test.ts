/** Roots that share one host's ids: what each has, and what is left when one of them goes or dies in between. */

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, test } from "node:test";
import type { ContainerId } from "../../base/ids.ts";
import { Executor } from "../../kernel/executor/executor.ts";
import { shimPath } from "../../kernel/executor/shim-path.ts";
import type { ContainerSpec } from "../container/spec.ts";
import { paths, rootsOf } from "../roots.ts";
import { Database } from "../store/database.ts";
import { leaseIds, needsPool, poolsOf } from "./lease.ts";
import { choosePool, parseMap, parseSubordinate, readLedger, writeLedger } from "./ledger.ts";
import { addPool, agree, disagreements, type PoolHost, releasePools } from "./pool.ts";
import { firstId, overlap, poolSize } from "./range.ts";

const folder = mkdtempSync(join(tmpdir(), "brig-ids-"));
const ledger = join(folder, "ledger");
after(() => rmSync(folder, { recursive: true }));
beforeEach(() => rmSync(ledger, { force: true }));

let count = 0;
function newRoot(): PoolHost {
  const roots = rootsOf(join(folder, `root-${++count}`), join(folder, "run"));
  const session = () => Executor.start({ shim: shimPath() });
  return { roots, database: new Database(paths.database(roots)), session, ledger };
}

/** A container's row, and its range. */
function lease({ database }: PoolHost, user: NonNullable<ContainerSpec["namespaces"]>["user"] = own) {
  const id = String(++count).padStart(64, "0") as ContainerId;
  const spec: ContainerSpec = { image: "i", namespaces: user ? { user } : {} };
  return database.transaction(() => {
    database.run(
      "INSERT INTO container (id, name, image, state, created, auto_remove, spec) VALUES (?, ?, '', '', 0, 0, '')",
      id,
      id,
    );
    return { id, ids: leaseIds(database, id, spec) };
  });
}

const own = { kind: "private" } as const;
const everything = { subordinate: [], mapped: [{ first: 0, size: 2 ** 32 - 1 }] };

test("two roots get pools that do not overlap, and a third that of one whose folder has been deleted", async () => {
  const [one, other, third] = [newRoot(), newRoot(), newRoot()];
  await Promise.all([addPool(one), addPool(other)]);
  const [a, b] = [poolsOf(one.database)[0]!, poolsOf(other.database)[0]!];
  assert.equal(overlap(a, b), false);
  rmSync(one.roots.root, { recursive: true });
  await addPool(third);
  assert.deepEqual(poolsOf(third.database), [a]);
  assert.deepEqual(
    readLedger(ledger).map(({ root }) => root),
    [other.roots.root, third.roots.root],
  );
});

test("brigs of one root that all need a pool get one together", async () => {
  const host = newRoot();
  await Promise.all([addPool(host), addPool(host), addPool(host)]);
  assert.equal(poolsOf(host.database).length, 1);
});

test("a pool that was noted and never came into the database is found again", async () => {
  const host = newRoot();
  const pool = { first: firstId + 5 * poolSize, size: poolSize };
  writeLedger(ledger, [{ ...pool, root: host.roots.root }]);
  await addPool(host);
  assert.deepEqual(poolsOf(host.database), [pool]);
});

test("pools of which no container has anything are given back, and the list goes with the last", async () => {
  const host = newRoot();
  await addPool(host);
  const { id, ids } = lease(host);
  assert.deepEqual(await releasePools(host), []);
  host.database.run("DELETE FROM container WHERE id = ?", id);
  assert.deepEqual(
    (await releasePools(host)).map(({ first }) => first),
    [ids!.first],
  );
  assert.equal(existsSync(ledger), false);
});

test("containers get ranges of their own, one that joins another shares its, and the host's has none", async () => {
  const host = newRoot();
  assert.throws(() => lease(host), { code: needsPool });
  await addPool(host);
  const one = lease(host);
  const large = lease(host, { kind: "private", size: 100_000 });
  assert.deepEqual(
    [one.ids, large.ids],
    [
      { first: firstId, size: 65_536 },
      { first: firstId + 65_536, size: 100_000 },
    ],
  );
  assert.deepEqual(lease(host, { kind: "container", container: one.id }).ids, one.ids);
  const none = lease(host, { kind: "host" });
  assert.equal(none.ids, undefined);
  assert.throws(() => lease(host, { kind: "container", container: none.id }), /it has that of the host/);
  assert.throws(() => lease(host, { kind: "private", size: poolSize + 1 }), /a container can have 1 to/);
});

test("a range that somebody shares is not given away when its first owner goes", async () => {
  const host = newRoot();
  await addPool(host);
  const first = lease(host, { kind: "private", size: poolSize });
  const second = lease(host, { kind: "container", container: first.id });
  host.database.run("DELETE FROM container WHERE id = ?", first.id);
  assert.throws(() => lease(host), { code: needsPool });
  host.database.run("DELETE FROM container WHERE id = ?", second.id);
  assert.equal(lease(host).ids?.first, firstId);
});

test("a failed lease leaves no container", async () => {
  const host = newRoot();
  assert.throws(() => lease(host), { code: needsPool });
  assert.deepEqual(host.database.all("SELECT id FROM container"), []);
});

test("what users have as subordinate ids is left out, and what brig itself may not map", () => {
  const subordinate = parseSubordinate(`# none:1:1\ncontainers:${firstId + 10}:5\nbad\n1000:100000:65536\n`);
  assert.equal(choosePool([], { ...everything, subordinate }).first, firstId + poolSize);
  const mapped = parseMap("         0     100000      65536\n");
  assert.throws(() => choosePool([], { subordinate: [], mapped }), /none of 1879048192-.* are free/);
});

test("where all is given away the next root is told so, and what to do", () => {
  const entries = Array.from({ length: 63 }, (_, i) => ({
    first: firstId + i * poolSize,
    size: poolSize,
    root: "/other",
  }));
  assert.equal(choosePool(entries.slice(1), everything).first, firstId);
  assert.throws(() => choosePool(entries, everything), { kind: "exhausted", code: "no-free-ids" });
});

test("a list that cannot be read is an error and stays as it is", async () => {
  for (const text of ["{", '[{"first":1}]', "7"]) {
    writeFileSync(ledger, text);
    await assert.rejects(addPool(newRoot()), /is damaged; it lists what each root of brig has/);
    assert.equal(readFileSync(ledger, "utf8"), text);
  }
});

test("where ledger and database do not agree both say in the end what one of them did, unless another root has it", async () => {
  const [one, other] = [newRoot(), newRoot()];
  await addPool(one);
  await addPool(other);
  const [pool] = poolsOf(one.database);
  assert.deepEqual(disagreements(one), []);
  one.database.run("DELETE FROM id_pool");
  assert.deepEqual(disagreements(one), [{ kind: "forgotten", pool }]);
  await agree(one);
  assert.deepEqual(poolsOf(one.database), [pool]);
  const ofOther = readLedger(ledger).filter(({ root }) => root === other.roots.root);
  writeLedger(ledger, ofOther);
  assert.deepEqual(disagreements(one), [{ kind: "unlisted", pool }]);
  await agree(one);
  assert.deepEqual(disagreements(one), []);
  assert.deepEqual(
    readLedger(ledger).map(({ root }) => root),
    [other.roots.root, one.roots.root],
  );
  writeLedger(ledger, [...ofOther, { ...pool!, root: other.roots.root }]);
  assert.deepEqual(disagreements(one), [{ kind: "taken", pool, by: other.roots.root }]);
  await agree(one);
  assert.deepEqual(poolsOf(one.database), [pool]);
  assert.equal(disagreements(one).length, 1);
});
