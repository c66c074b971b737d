/**
 * Runs one case: the sides in alternation, so that whatever the machine does meanwhile hits all of them alike, with a
 * pause between them, so that none pays for what the one before it has left to the kernel or to its daemon.
 */

import { type SpawnSyncOptionsWithStringEncoding, spawnSync } from "node:child_process";
import type { Case, Command, Way } from "./case.ts";
import type { Side } from "./engines.ts";

/** What a side's runs gave: milliseconds of each, in order, or why there are none. */
export type Outcome =
  | { readonly kind: "measured"; readonly samples: readonly number[] }
  | { readonly kind: "failed"; readonly reason: string };

export type Outcomes = ReadonlyMap<Side, Outcome>;

/** dockerd is busy for about this long after `docker run --rm` has returned, and the kernel with network namespaces. */
const pauseMilliseconds = 100;

/** `timer` is the compiled bench/timer.c; `progress` is told before each round. */
export function measure(subject: Case, timer: string, progress: (round: number) => void): Outcomes {
  const samples = new Map<Side, number[]>();
  const failures = new Map<Side, string>();
  const ways = Object.entries(subject.ways) as [Side, Way][];
  const attempt = (side: Side, work: () => void): void => {
    if (failures.has(side)) return;
    try {
      work();
    } catch (error) {
      failures.set(side, error instanceof Error ? error.message : String(error));
    }
  };

  for (const [side, way] of ways) {
    samples.set(side, []);
    attempt(side, () => {
      for (const command of way.setup ?? []) quietly(command);
      if (subject.reports) samples.get(side)!.push(...reported(way.measured));
      else once(subject, way, timer); // caches are warm on every side before anything counts
    });
  }
  for (let round = 0; round < subject.runs && !subject.reports; round++) {
    progress(round);
    // Each round begins with another side, so that none always runs after the same one.
    const order = [...ways.slice(round % ways.length), ...ways.slice(0, round % ways.length)];
    for (const [side, way] of order) attempt(side, () => samples.get(side)!.push(once(subject, way, timer)));
  }
  for (const [, way] of ways) {
    for (const command of way.teardown ?? []) spawnSync(command[0]!, command.slice(1), { stdio: "ignore" });
  }

  return new Map(
    ways.map(([side]) => {
      const reason = failures.get(side);
      return [
        side,
        reason === undefined ? { kind: "measured", samples: samples.get(side)! } : { kind: "failed", reason },
      ];
    }),
  );
}

/** One run in milliseconds, with what belongs before and after it; the first failure is the one that is told. */
function once(subject: Case, way: Way, timer: string): number {
  for (const command of way.before ?? []) quietly(command);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMilliseconds);
  const options = [
    ...(subject.firstByte ? ["-b"] : []),
    ...["-n", String(subject.times ?? 1), "-p", String(subject.parallel ?? 1)],
  ];
  const measured = spawnSync(timer, [...options, ...way.measured], captured);
  const after = (way.after ?? []).map((command) => ({
    command,
    result: spawnSync(command[0]!, command.slice(1), captured),
  }));
  check(way.measured, measured);
  for (const { command, result } of after) check(command, result);
  return Number(measured.stdout) / 1e6;
}

/** The runs of a command that measures itself, in milliseconds. */
function reported(command: Command): readonly number[] {
  const result = spawnSync(command[0]!, command.slice(1), captured);
  check(command, result);
  return result.stdout
    .trim()
    .split("\n")
    .map((line) => Number(line) / 1e6);
}

const captured: SpawnSyncOptionsWithStringEncoding = { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] };

function quietly(command: Command): void {
  check(command, spawnSync(command[0]!, command.slice(1), captured));
}

/** The command's own words are the reason; without any, its name and status. */
function check(
  command: Command,
  { status, stderr }: { readonly status: number | null; readonly stderr: string },
): void {
  if (status === 0) return;
  throw new Error(stderr.trim() || `${command[0]} ended with status ${status}`);
}
