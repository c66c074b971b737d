/**
 * A process that writes 100 MB/s of log in writes from a byte to a megabyte, with followers coming and going and
 * rotation on: every byte is accounted for, in order, except what rotation drops whole.
 *
 *   BRIG_FLOOD_MEGABYTES   how much is written, each time; 100
 *   BRIG_FLOOD_RATE        what the writer must reach at least, in MB/s, on an idle machine; 0
 */

import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, before, type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { parseLines } from "../../src/engine/container/log-lines.ts";
import { image, ownBrig } from "../cli/brig.ts";
import { busyboxArchive } from "../fixtures/images.ts";
import { isolate, startDocker } from "../fixtures/peers.ts";
import { compiled } from "../security/hostile.ts";
import type { Beginning } from "./flood/recorder.ts";
import { Account, type Blocks, beginsAt, type StreamName } from "./flood/stream.ts";

const { brig, root, executable, environment, end } = ownBrig();
const megabytes = Number(process.env.BRIG_FLOOD_MEGABYTES ?? 100);
const leastRate = Number(process.env.BRIG_FLOOD_RATE ?? 0);
const seed = Number(process.env.BRIG_FLOOD_SEED ?? Date.now() % 1_000_000);
/** The defaults of a log here, which Docker is given as well. */
const [files, fileSize] = [3, 10_000_000];
const timeout = 60_000 + megabytes * 500;
const names = ["stdout", "stderr"] as const;

const writer = compiled("../engine/flood/writer.c", "flood-writer", ["musl-gcc", "-static", "-O2"]);
const shared = join(root, "shared");

before(async () => {
  mkdirSync(shared, { recursive: true });
  assert.equal((await brig("run", "--rm", image, "true")).code, 0);
});
afterEach(() => brig("rm", "-f", "flood", "alone"));
after(end);

interface Report extends Readonly<Record<StreamName, number>> {
  /** MB/s. */
  readonly rate: number;
  readonly writes: number;
}

/** What `run` is given for a writer that begins when a file `go` is there. */
function flood(...options: readonly string[]): readonly string[] {
  for (const name of ["go", "report"]) rmSync(join(shared, name), { force: true });
  const script = `until [ -e /shared/go ]; do sleep 0.05; done; exec /writer ${megabytes}000000 ${seed} /shared/report`;
  return [...options, "-v", `${writer}:/writer:ro`, "-v", `${shared}:/shared`, image, "sh", "-c", script];
}

const go = () => writeFileSync(join(shared, "go"), "");
const reported = () => JSON.parse(readFileSync(join(shared, "report"), "utf8")) as Report;

// --- followers -------------------------------------------------------------------------------------------------

interface Follower {
  readonly what: string;
  readonly accounts: Readonly<Record<StreamName, Account>>;
  readonly ended: Promise<unknown>;
  /** It was left alone, so that it has the end of the log. */
  readonly stays: boolean;
  error?: unknown;
}

/** How a follower behaves, each in its turn. */
const manners: readonly {
  readonly args: readonly string[];
  readonly reads?: "late";
  readonly leaves?: true;
}[] = [
  { args: ["logs", "-f"] },
  { args: ["attach", "--no-stdin"] },
  { args: ["logs", "-f"], reads: "late" },
  { args: ["logs", "-f"], leaves: true },
  { args: ["attach", "--no-stdin"], reads: "late" },
  { args: ["attach", "--no-stdin"], leaves: true },
];

function follow(number: number, container: string, blocks: Blocks): Follower {
  const { args, reads, leaves } = manners[number % manners.length]!;
  const child = spawn(executable, [...args, container], {
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (reads) {
    child.stdout.pause();
    child.stderr.pause();
    setTimeout(() => [child.stdout, child.stderr].map((stream) => stream.resume()), 1000);
  }
  if (leaves) setTimeout(() => child.kill(), 400);
  const follower: Follower = {
    what: `follower ${number}, ${args[0]} ${reads ?? ""}${leaves ? "leaves" : ""}`,
    accounts: { stdout: new Account("stdout", blocks), stderr: new Account("stderr", blocks) },
    ended: new Promise((resolve) => child.on("close", resolve)),
    stays: !leaves,
  };
  for (const name of names) listen(child, name, follower);
  return follower;
}

function listen(child: ChildProcess, name: StreamName, follower: Follower): void {
  child[name]!.on("data", (bytes: Buffer) => {
    // It came when the writer had ended.
    if (bytes.toString("latin1").startsWith("brig: You cannot attach to a stopped container")) return;
    try {
      if (!follower.error) follower.accounts[name].take(bytes);
    } catch (error) {
      follower.error = error;
    }
  });
}

/** Four at a time at most: with more of them two processors have nothing left for the writer. */
async function comeAndGo(
  container: string,
  isReady: () => boolean,
  isRunning: () => boolean,
): Promise<readonly Follower[]> {
  const [all, present, blocks] = [[] as Follower[], new Set<Follower>(), new Map() as Blocks];
  while (isRunning()) {
    if (present.size < 4) {
      const follower = follow(all.length, container, blocks);
      all.push(follower);
      present.add(follower);
      void follower.ended.then(() => present.delete(follower));
    }
    if (all.length >= 3 && isReady()) go();
    await sleep(100);
  }
  await Promise.all(all.map(({ ended }) => ended));
  return all;
}

// --- the flood -------------------------------------------------------------------------------------------------

for (const [kind, option] of [
  ["pipes", "-d"],
  ["a terminal", "-dt"],
] as const)
  test(`${megabytes} MB through ${kind} are logged while followers come and go`, { timeout }, async (t) => {
    const id = (await brig("run", ...flood(option, "--name", "flood"))).stdout.trim();
    const log = join(root, "containers", id, "container.log");
    const recorder = join(import.meta.dirname, "flood/recorder.ts");
    const recording = spawn(process.execPath, [recorder, log, String(files)], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    let record = "";
    recording.stdout.on("data", (text) => (record += text));
    const recorded = new Promise((resolve) => recording.on("close", resolve));
    let running = true;
    void brig("wait", "flood").then(() => (running = false));
    const followers = await comeAndGo(
      "flood",
      () => record !== "",
      () => running,
    ).finally(() => recording.stdin.end());
    await recorded;
    const beginnings = record
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => JSON.parse(line) as Beginning);

    const report = reported();
    assert.equal(report.stdout + report.stderr, megabytes * 1_000_000);
    assert.equal(report.stderr > 0, kind === "pipes");
    const gaps = followers.flatMap((follower) => checked(follower, report, beginnings));
    checkFiles(log, report);
    t.diagnostic(
      `seed ${seed}: ${report.rate} MB/s in ${report.writes} writes, ${beginnings.length} files, ${followers.length} followers, ${gaps.length} gaps at rotations`,
    );
    atLeast(leastRate, report, t);
  });

/** Every byte that the follower was given is right, and what it was not given was in files that rotation dropped. */
function checked(follower: Follower, report: Report, beginnings: readonly Beginning[]): readonly string[] {
  const { what, accounts, error, stays } = follower;
  if (error) throw new Error(`${what}: ${String(error)}`, { cause: error });
  return names.flatMap((name) => {
    const { end, gaps, start, read } = accounts[name];
    if (stays && report[name] > 0 && read > 0) assert.equal(end, report[name], `${what}: the end of ${name}`);
    const begin = new Set(beginnings.flatMap((file) => file[name] ?? []));
    const follows = what.includes("logs");
    if (follows && start !== undefined) assert.ok(begin.has(start), `${what} begins in a file, at ${start}`);
    for (const gap of gaps) {
      // The live output of attach may end anywhere in a file: that of logs ends with one.
      const files = follows ? begin : new Set([...begin, ...backFrom(gap.from)]);
      assert.ok(
        beginsAt(name, gap, files),
        `${what}: ${name} lacks ${gap.from} to ${gap.to}: no whole files`,
      );
    }
    return gaps.map(({ from, to }) => `${name} ${from} ${to}`);
  });
}

const backFrom = (position: number) => Array.from({ length: 9 }, (_, back) => position - back);

/** The files that are left hold the last of the streams, without a gap. */
function checkFiles(log: string, report: Report): void {
  const accounts = { stdout: new Account("stdout", new Map()), stderr: new Account("stderr", new Map()) };
  for (const file of [`${log}.2`, `${log}.1`, log]) {
    assert.ok(statSync(file).size <= fileSize, `${file} is too large`);
    for (const { stream, bytes } of parseLines(readFileSync(file)).entries)
      accounts[stream].take(Buffer.from(bytes));
  }
  for (const name of names) {
    assert.deepEqual(accounts[name].gaps, []);
    if (report[name] > 0) assert.equal(accounts[name].end, report[name]);
  }
}

// --- beside Docker ---------------------------------------------------------------------------------------------

test("a writer whose log nobody reads is at least as fast as in Docker", { timeout }, async (t) => {
  await using isolation = await isolate();
  const [program, ...words] = (await startDocker(isolation)).command;
  const docker = (...args: readonly string[]) =>
    execFileSync(program!, [...words, ...args], { encoding: "utf8" }).trim();
  docker("load", "-i", busyboxArchive());
  const rotating = ["--log-opt", `max-size=${fileSize}`, "--log-opt", `max-file=${files}`];
  for (const option of ["-d", "-dt"] as const) {
    await brig("run", ...flood(option, "--name", "alone"));
    go();
    await brig("wait", "alone");
    await brig("rm", "alone");
    const ours = reported();
    docker(
      "run",
      ...flood(option, "--name", "alone", ...rotating).map((word) => (word === image ? "busybox" : word)),
    );
    go();
    docker("wait", "alone");
    docker("rm", "alone");
    const theirs = reported();
    t.diagnostic(`${option}: brig ${ours.rate} MB/s, Docker ${theirs.rate} MB/s`);
    atLeast(Math.max(leastRate, theirs.rate), ours, t);
  }
});

function atLeast(least: number, { rate }: Report, t: TestContext): void {
  assert.ok(rate >= least, `${t.name}: ${rate} MB/s, not ${least}`);
}
