/** linux.resources.pids (runtime-spec, config-linux.md#pids). */

import type { Pids } from "../../../spec/runtime/resources.ts";
import type { Settings } from "../setting.ts";

export function* pidsLimits({ limit }: Pids): Settings {
  if (limit === undefined) return;
  // 1 for 0, as runc has it: either forbids every fork, but 0 would also forbid being born in the cgroup.
  const value = limit < 0 ? "max" : String(Number(limit) === 0 ? 1 : limit);
  yield {
    kind: "setting",
    controller: "pids",
    file: "pids.max",
    value,
    why: `limit processes to ${value === "max" ? "any number" : value}`,
    from: "linux.resources.pids.limit",
  };
}
