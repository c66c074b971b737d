/** What of the things that are not needed is to be taken away. */

import { labelHolds } from "../../base/labels.ts";

export interface PruneQuery {
  /** Only what was made before: milliseconds since the epoch. */
  readonly until?: number;
  /** Only what has all of these labels: `KEY`, or `KEY=VALUE`. */
  readonly labels?: readonly string[];
  /** Not what has all of these. */
  readonly withoutLabels?: readonly string[];
}

export interface Pruned {
  /** Ids of containers, names of volumes and networks. */
  readonly removed: readonly string[];
  /** Bytes. */
  readonly reclaimed: number;
}

export interface Candidate {
  /** Milliseconds since the epoch. */
  readonly created: number;
  readonly labels: Readonly<Record<string, string>>;
}

export function wants(
  { until, labels = [], withoutLabels = [] }: PruneQuery,
  { created, labels: own }: Candidate,
): boolean {
  if (until !== undefined && created > until) return false;
  if (!labels.every((label) => labelHolds(own, label))) return false;
  return withoutLabels.length === 0 || !withoutLabels.every((label) => labelHolds(own, label));
}
