/** What a case of the benchmark is: data, so that the table of cases can be read, picked from and printed. */

import type { Side } from "./engines.ts";

export type Command = readonly string[];

/** One side's way through a case. Only `measured` is on the clock. */
export interface Way {
  /** Once, before the first run. */
  readonly setup?: readonly Command[];
  /** Before each run. */
  readonly before?: readonly Command[];
  readonly measured: Command;
  /** After each run. */
  readonly after?: readonly Command[];
  /** Once, after the last run. */
  readonly teardown?: readonly Command[];
}

export interface Target {
  /** The side that is judged; ours, unless said otherwise. */
  readonly side?: Side;
  /** The side that ours is compared with; undefined for a limit in milliseconds. */
  readonly against?: Side;
  /** Our median divided by theirs, or our median in milliseconds, is at most this. */
  readonly atMost: number;
}

export interface Case {
  /** A word or two for `ONLY=`. */
  readonly name: string;
  readonly title: string;
  /** Alternating runs; every side runs once in each. */
  readonly runs: number;
  /** The command does all runs itself and prints the nanoseconds of each on a line. */
  readonly reports?: boolean;
  /** To the first byte of output instead of the end. */
  readonly firstByte?: boolean;
  /** The command this many times, "{}" being its number, and how many at once. */
  readonly times?: number;
  readonly parallel?: number;
  readonly ways: Readonly<Partial<Record<Side, Way>>>;
  readonly targets: readonly Target[];
}
