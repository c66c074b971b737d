/** pids.current and pids.max, the same in v1 and v2. */

import { present, readCounter, type StatsSource, unlimited } from "./read.ts";
import type { PidsStats } from "./stats.ts";

export function pidsStats(source: StatsSource | undefined): PidsStats {
  if (!source) return {};
  const limit = readCounter(source, "pids.max");
  return present({
    current: readCounter(source, "pids.current"),
    limit: limit === unlimited ? undefined : limit,
  });
}
