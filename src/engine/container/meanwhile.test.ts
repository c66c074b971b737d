/** What happens to a container between the look at it and the change of its row. */

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { ContainerId, HostPath } from "../../base/ids.ts";
import { type Exit, shimFrame, socketName } from "../../kernel/shim/wire.ts";
import type { EngineHost } from "../host.ts";
import { paths, rootsOf } from "../roots.ts";
import { Database } from "../store/database.ts";
import { insertContainer, readContainer, updateContainer } from "./records.ts";
import { settleContainer } from "./settle.ts";
import { changeContainer } from "./update.ts";
import { awaitEnd } from "./wait.ts";

const root = mkdtempSync(join(tmpdir(), "brig-meanwhile-"));
const database = new Database(join(root, "brig.db"));
after(() => {
  database[Symbol.dispose]();
  rmSync(root, { recursive: true });
});

/** `isAlive` is asked of every process but this one. */
function hostWith(isAlive: (id: string) => boolean): EngineHost {
  const some = { images: undefined, facts: undefined, self: [], random: () => new Uint8Array(8) };
  return {
    ...some,
    roots: rootsOf(root, join(root, "run")),
    database,
    owner: { id: "this", isAlive },
    shim: "/nowhere" as HostPath,
    now: Date.now,
    warn: assert.fail,
  } as unknown as EngineHost;
}

function container(digit: string, autoRemove: boolean): ContainerId {
  const id = digit.repeat(64) as ContainerId;
  const spec = { image: "x", autoRemove };
  const row = { id, name: `c${digit}`, imageId: "x", created: 1, driver: "overlay2" } as const;
  insertContainer(database, { ...row, state: "running", spec });
  return id;
}

const exit: Exit = {
  code: 0,
  signal: 0,
  outOfMemory: false,
  coreDumped: false,
  logRotations: 0,
  finishedAt: 1_000_000n,
};

test("a container that ends while it is being updated is not claimed for ever", async () => {
  const id = container("1", false);
  const host = hostWith(() => true);
  let ended = false;
  const meanwhile = {
    ...host,
    // Read by update.ts itself between its look at the row and the claim.
    get owner() {
      if (!ended && new Error().stack!.split("\n")[2]!.includes("update.ts")) {
        ended = true;
        updateContainer(database, id, { state: "exited", owner: null });
      }
      return host.owner;
    },
  };
  const record = readContainer(database, id)!;
  await changeContainer(meanwhile, record, { restart: { name: "always", maximumRetryCount: 0 } });
  const now = readContainer(database, id)!;
  assert.deepEqual(
    [ended, now.state, now.owner, now.spec.restart?.name],
    [true, "exited", undefined, "always"],
  );
});

test("a container with --rm whose restarter is killed while its end is recorded goes", async () => {
  const id = container("2", true);
  updateContainer(database, id, { restarter: "other" });
  let asked = 0;
  await settleContainer(
    hostWith(() => asked++ === 0),
    { id, shim: undefined },
    exit,
  );
  assert.equal(readContainer(database, id), undefined);
});

test("whoever waits for a container that is started again meanwhile does not wait for its next end", async () => {
  const id = container("3", false);
  updateContainer(database, id, { shim: "old" });
  const host = hostWith(() => true);
  const directory = paths.run(host.roots, id);
  mkdirSync(directory, { recursive: true });
  // The next shim: it is there when the old one is asked for, runs, and does not end.
  const state = Buffer.alloc(40);
  state.writeUInt32LE(shimFrame.state, 0);
  state.writeUInt32LE(32, 4);
  const next = createServer((client) => {
    updateContainer(database, id, { shim: "new" });
    client.on("data", () => client.write(state));
  });
  await new Promise<void>((resolve) => next.listen(join(directory, socketName), resolve));
  try {
    const late = new Promise((resolve) => setTimeout(resolve, 3000, "late").unref());
    assert.notEqual(await Promise.race([awaitEnd(host, id), late]), "late");
  } finally {
    next.close();
    database.run("DELETE FROM container WHERE id = ?", id);
  }
});
