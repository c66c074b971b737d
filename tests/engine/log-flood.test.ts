/**
 * A process that writes as fast as it can, in writes from a byte to a megabyte, while its log rotates and followers
 * come and go: every byte is accounted for, in order, except what rotation drops whole.
 *
 * What it writes are lines of 64 bytes that begin with their number, so that a reader knows where it is.
 */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { appendFileSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { parseLines } from "../../src/engine/container/log-lines.ts";
import { image, ownBrig, until } from "../cli/brig.ts";

const { brig, start, root, executable, environment, end } = ownBrig();
after(end);

const lineSize = 64;
const megabytes = Number(process.env.BRIG_FLOOD_MEGABYTES ?? 100);
const lineCount = (megabytes * 1_000_000) / lineSize;
/** More of them would take a busy machine all its time, so that the end never comes. */
const mostFollowers = 24;

/** Lines from one number on; the last byte of each ends the line. */
function lines(first: number, count: number): Buffer {
  const text = Buffer.alloc(count * lineSize, ".");
  for (let i = 0; i < count; i++) {
    text.write(String(first + i).padStart(12, "0"), i * lineSize, "latin1");
    text[(i + 1) * lineSize - 1] = 0x0a;
  }
  return text;
}

/** Follows what a reader was given; `gaps` counts where lines are missing, which is always a whole number of them. */
class Account {
  #next: number | undefined;
  #rest: Buffer = Buffer.alloc(0);
  gaps = 0;
  /** How many lines were read. */
  read = 0;

  take(bytes: Buffer): void {
    const all = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    const whole = Math.floor(all.length / lineSize);
    for (let at = 0; at < whole; ) {
      const first = Number(all.toString("latin1", at * lineSize, at * lineSize + 12));
      assert.ok(
        Number.isInteger(first),
        `a torn line: ${all.toString("latin1", at * lineSize, (at + 1) * lineSize)}`,
      );
      if (this.#next !== undefined) {
        assert.ok(first >= this.#next, `line ${first} comes after line ${this.#next - 1}`);
        if (first !== this.#next) this.gaps++;
      }
      const run = this.#runFrom(all.subarray(at * lineSize, whole * lineSize), first);
      at += run;
      this.#next = first + run;
    }
    this.read += whole;
    this.#rest = all.subarray(whole * lineSize);
  }

  /** The number of the line that would come next, when nothing is left over. */
  get end(): number | undefined {
    return this.#rest.length === 0 ? this.#next : undefined;
  }

  /** How many lines follow each other without a gap. */
  #runFrom(text: Buffer, first: number): number {
    const count = text.length / lineSize;
    if (lines(first, count).equals(text)) return count;
    let run = 1;
    while (Number(text.toString("latin1", run * lineSize, run * lineSize + 12)) === first + run) run++;
    assert.ok(
      lines(first, run).equals(text.subarray(0, run * lineSize)),
      `lines from ${first} on are not as written`,
    );
    return run;
  }
}

function follow(child: ChildProcess): {
  readonly account: Account;
  readonly ended: Promise<void>;
  error?: unknown;
} {
  const account = new Account();
  const follower: ReturnType<typeof follow> = {
    account,
    ended: new Promise((resolve) => child.on("close", () => resolve())),
  };
  child.stdout!.on("data", (bytes: Buffer) => {
    try {
      account.take(bytes);
    } catch (error) {
      follower.error ??= error;
    }
  });
  return follower;
}

/** Each dd copies a part of the file in writes of one size; together they go round until it ends. */
const writer = `
exec </flood
while dd bs=1 count=640 && dd bs=64k count=64 && dd bs=777 count=64 && dd bs=1M count=4 && dd bs=16 count=1000 &&
      dd bs=4k count=512; do
  dd bs=64 count=1 2>&1 >&3 | grep -q '^0+0 records in' && break
done 2>/dev/null 3>&1; true`;

/** What it writes, for the container to read. */
function source(): string {
  const path = join(root, "flood");
  const step = 16_384;
  for (let first = 0; first < lineCount; first += step)
    appendFileSync(path, lines(first, Math.min(step, lineCount - first)));
  return path;
}

test(`${megabytes} MB are logged while followers come and go`, { timeout: 120_000 }, async (t) => {
  const file = source();
  const began = performance.now();
  const child = start("run", "-v", `${file}:/flood:ro`, "--name", "flood", image, "sh", "-c", writer);
  const owner = follow(child);
  let running = true;
  void owner.ended.then(() => (running = false));
  await until(async () => (await brig("inspect", "flood")).code === 0, "it runs");
  const followers: ReturnType<typeof follow>[] = [];
  while (running && followers.length < mostFollowers) {
    const reader = spawn(executable, ["logs", "-f", "flood"], {
      env: environment,
      stdio: ["ignore", "pipe", "ignore"],
    });
    followers.push(follow(reader));
    // One that does not read for a while, one that leaves early, one that stays to the end.
    if (followers.length % 3 === 1) {
      reader.stdout.pause();
      setTimeout(() => reader.stdout.resume(), 500);
    }
    if (followers.length % 3 === 2) setTimeout(() => reader.kill(), 400);
    await sleep(300);
  }
  await Promise.all([owner.ended, ...followers.map(({ ended }) => ended)]);
  const seconds = (performance.now() - began) / 1000;
  t.diagnostic(`${Math.round(megabytes / seconds)} MB/s, ${followers.length} followers`);

  for (const follower of [owner, ...followers]) if (follower.error) throw follower.error;
  assert.deepEqual([owner.account.read, owner.account.gaps, owner.account.end], [lineCount, 0, lineCount]);
  for (const [i, { account }] of followers.entries())
    if (i % 3 !== 1) assert.equal(account.end, lineCount, `follower ${i} has not come to the end`);

  const id = (await brig("inspect", "-f", "{{.Id}}", "flood")).stdout.trim();
  const log = join(root, "containers", id, "container.log");
  const kept = new Account();
  for (const file of [`${log}.2`, `${log}.1`, log]) {
    assert.ok(statSync(file).size <= 10_000_000, `${file} is too large`);
    for (const { bytes } of parseLines(readFileSync(file)).entries) kept.take(Buffer.from(bytes));
  }
  assert.deepEqual([kept.gaps, kept.end], [0, lineCount]);
  await brig("rm", "flood");
});
