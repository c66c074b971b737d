/**
 * Whatever of brig is killed at whatever moment, the next brig puts right: one `ps -a`, and the host has what the
 * database says and nothing more. The rounds are random; BRIG_CRASH_SEED and BRIG_CRASH_ROUNDS choose others.
 */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { ownerId } from "../../src/image/store/owner.ts";
import { image, ownBrig, until } from "../cli/brig.ts";
import { assertSameHost, type HostState, hostState } from "../fixtures/leaks.ts";
import { numbers } from "./numbers.ts";
import { contradictions, filesHeld, leftRows, membersOf, type Place, rowsOf } from "./remains.ts";

const rounds = Number(process.env.BRIG_CRASH_ROUNDS ?? 40);
/** Clients at a time. */
const parallel = 8;
const seed = Number(process.env.BRIG_CRASH_SEED ?? 20261120);

const { brig, about, root, end, executable, environment } = ownBrig();
const place: Place = { root, runRoot: join(root, "run"), hash: about[1]! };
let host: HostState;
/** Names of files below the root that no container has made. */
let kept: readonly string[];

before(async () => {
  host = hostState({ about });
  const first = await brig("run", "--rm", image, "true");
  assert.equal(first.code, 0, first.stderr);
  kept = keptFiles();
});
after(end);

/** Of images, layers and caches. */
function keptFiles(): readonly string[] {
  return ["image", "layers", "cache"].flatMap((folder) =>
    (readdirSync(join(root, folder), { recursive: true }) as string[])
      .map((name) => join(folder, name))
      .sort(),
  );
}

const random = numbers(seed);
const below = (limit: number) => Math.floor(random() * limit);
const oneOf = <T>(list: readonly T[]): T => list[below(list.length)]!;

const names = ["anne", "bart", "cook"] as const;
const ports = ["18461:80", "18462:80/udp", "80"] as const;

/** What clients do; the names and ports are few, so that they meet. */
const actions: readonly (() => readonly string[])[] = [
  () => ["run", "--rm", image, "sh", "-c", `echo x > /file; exit ${below(3)}`],
  () => ["run", "--rm", "--name", oneOf(names), "-p", oneOf(ports), image, "sleep", "0.05"],
  () => ["run", "-d", "--name", oneOf(names), "-p", oneOf(ports), image, "sleep", "100"],
  () => ["run", "-d", "--name", oneOf(names), image, "sleep", "0.02"],
  () => ["run", "-d", "--rm", "-p", oneOf(ports), image, "sleep", "0.05"],
  () => ["run", "-d", "--rm", "--name", oneOf(names), "-v", "/data", image, "sh", "-c", "echo x > /data/x"],
  () => ["run", "--rm", image, "no-such-program"],
  () => ["exec", oneOf(names), "sh", "-c", "sleep 0.02; echo done"],
  () => ["exec", oneOf(names), "sleep", "50"],
  () => ["start", oneOf(names)],
  () => ["stop", "-t", "0", oneOf(names)],
  () => ["restart", "-t", "0", oneOf(names)],
  () => ["pause", oneOf(names)],
  () => ["unpause", oneOf(names)],
  () => ["update", "-m", "64m", "--memory-swap", "64m", oneOf(names)],
  () => ["rm", "-f", oneOf(names)],
  () => ["rm", "-f", oneOf(names)],
  () => ["ps", "-a"],
];

/** Milliseconds in which a command, its shim and its container do all they do. */
const span = 150;

test(`${rounds} rounds of killing leave nothing that the database does not know`, {
  timeout: 20_000 + rounds * 4000,
}, async (t) => {
  t.diagnostic(`BRIG_CRASH_SEED=${seed} BRIG_CRASH_ROUNDS=${rounds}`);
  for (let round = 0; round < rounds; round++) {
    const clients = Array.from({ length: parallel }, () => begin(oneOf(actions)()));
    for (let kills = 1 + below(3); kills > 0; kills--) {
      await sleep(below(span));
      strike(clients);
    }
    await settled(clients);
    await inOrder(round, clients);
  }
});

test("names are free again, and the host is as it was when all containers are removed", async () => {
  await brig("rm", "-f", ...names);
  for (const name of names) {
    const { code, stderr } = await brig("run", "--name", name, "-p", ports[0], image, "true");
    assert.equal(code, 0, stderr);
  }
  const all = (await brig("ps", "-aq")).stdout.split("\n").filter(Boolean);
  assert.equal((await brig("rm", "-f", ...all)).code, 0);
  // What a killed process held of locks and files under its name stands in nobody's way, and is all that is left.
  const { stdout } = await brig("system", "check", "--deep", "--format", "{{.What}}");
  const harmless = ["lock", "unfinished blobs", "file", "copy", "folder"];
  assert.deepEqual(
    stdout.split("\n").filter((what) => what !== "" && !harmless.includes(what)),
    [],
  );
  const repaired = await brig("system", "check", "--repair");
  assert.deepEqual([repaired.code, repaired.stderr], [0, ""], repaired.stdout);
  await brig("system", "release");
  await assertSameHost(host, { about });
  for (const folder of ["containers", "volumes", "run"])
    assert.deepEqual(readdirSync(join(root, folder)), [], folder);
  assert.deepEqual(leftRows(place), []);
  assert.deepEqual(keptFiles(), kept);
  await until(
    () => filesHeld(place).length === 0,
    () => filesHeld(place).join("\n"),
  );
});

interface Client {
  readonly words: string;
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;
  stderr: string;
}

function begin(words: readonly string[]): Client {
  const child = spawn(executable, words, { env: environment, stdio: ["ignore", "ignore", "pipe"] });
  const ended = new Promise((resolve) => child.on("close", resolve));
  const client: Client = { words: words.join(" "), child, ended, stderr: "" };
  child.stderr!.on("data", (text) => {
    client.stderr += text;
  });
  return client;
}

/** Kills a client, a shim (or what it has become), or what runs in a container. */
function strike(clients: readonly Client[]): void {
  const callers = clients.map(({ child }) => child.pid!);
  const shims = rowsOf(place).flatMap(({ shim }) =>
    shim !== null && ownerId(pidOf(shim)) === shim ? [pidOf(shim)] : [],
  );
  const pids = oneOf([callers, callers, shims, shims, membersOf(place)]);
  if (pids.length === 0) return;
  try {
    process.kill(oneOf(pids), "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

const pidOf = (shim: string) => Number(shim.split("_")[0]);

/** Those that would go on for ever are killed, too, and what a client has paused, others may wait for. */
async function settled(clients: readonly Client[]): Promise<void> {
  const late = sleep(10_000, "late", { ref: false });
  for (const { child, ended, words } of clients) {
    if (words.startsWith("exec") && words.endsWith("50")) child.kill("SIGKILL");
    for (;;) {
      const first = await Promise.race([ended, late, sleep(1000, "waits", { ref: false })]);
      if (first === "late") assert.fail(`brig ${words} does not end\n${contradictions(place).join("\n")}`);
      if (first !== "waits") break;
      await brig("unpause", ...names);
    }
  }
}

/** One `ps -a` after a crash is enough, when what still ends by itself has ended. */
async function inOrder(round: number, clients: readonly Client[]): Promise<void> {
  const { code, stderr } = await brig("ps", "-a");
  const told = clients.map(
    ({ words, child, stderr }) => `brig ${words}: ${child.exitCode ?? child.signalCode} ${stderr}`,
  );
  const report = () => [`round ${round}`, ...told, ...contradictions(place)].join("\n");
  assert.deepEqual([code, stderr], [0, ""], report());
  await until(() => contradictions(place).length === 0, `nothing is left\n${report()}`).catch(() =>
    assert.fail(report()),
  );
}
