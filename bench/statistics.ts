/** The figures that a list of samples is summed up in. */

export interface Summary {
  readonly runs: number;
  readonly median: number;
  readonly p95: number;
  readonly least: number;
}

/** Nearest-rank percentiles: every figure is a sample that was really measured, but for a median between two. */
export function summarize(samples: readonly number[]): Summary {
  const sorted = samples.toSorted((a, b) => a - b);
  const rank = (share: number) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const median = sorted.length % 2 === 1 ? upper : (rank(0.5) + upper) / 2;
  return { runs: sorted.length, median, p95: rank(0.95), least: sorted[0] ?? Number.NaN };
}
