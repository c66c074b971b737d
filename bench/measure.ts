/** Runs one case: the sides in alternation, so that whatever the machine does meanwhile hits all of them alike. */

import { execFileSync, spawnSync } from "node:child_process";
import type { Case, Command, Way } from "./case.ts";
import type { Side } from "./engines.ts";

/** What a side's runs gave: milliseconds of each, in order, or why there are none. */
export type Outcome =
  | { readonly kind: "measured"; readonly samples: readonly number[] }
  | { readonly kind: "failed"; readonly reason: string };

export type Outcomes = ReadonlyMap<Side, Outcome>;

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
      once(subject, way, timer); // caches are warm on every side before anything counts
    });
  }
  for (let round = 0; round < subject.runs; round++) {
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

/** One run in milliseconds, with what belongs before and after it. */
function once(subject: Case, way: Way, timer: string): number {
  for (const command of way.before ?? []) quietly(command);
  const options = [
    ...(subject.firstByte ? ["-b"] : []),
    ...["-n", String(subject.times ?? 1), "-p", String(subject.parallel ?? 1)],
  ];
  const result = spawnSync(timer, [...options, ...way.measured], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  for (const command of way.after ?? []) quietly(command);
  if (result.status !== 0) throw new Error(`${way.measured.join(" ")}: ${result.stderr.trim() || "failed"}`);
  return Number(result.stdout) / 1e6;
}

function quietly(command: Command): void {
  execFileSync(command[0]!, command.slice(1), { stdio: ["ignore", "ignore", "pipe"] });
}
