/** Where `brig --host` means to differ from Docker's client: with brig's service behind it, and with Debian's dockerd. */

import { apiDifferences } from "./api-differences.ts";
import type { Difference } from "./differences.ts";

const pruned =
  "as with Docker since API 1.42 volumes that have a name stay unless all are asked for; Docker's client asks in 1.41 here, and takes them";

export const hostDifferences: readonly Difference[] = [
  ...apiDifferences,
  { line: "d volume create free; d volume prune -f", in: ["stdout"], reason: pruned, better: "brig" },
  {
    line: "echo n | d volume prune; echo | d network prune",
    in: ["stdout"],
    reason: pruned,
    better: "brig",
  },
];

const refused = `${pruned}; an engine that knows no other way is not asked to`;

export const hostDockerDifferences: readonly Difference[] = [
  {
    line: "d volume create free; d volume prune -f",
    in: ["code", "stdout", "stderr"],
    reason: refused,
    better: "brig",
  },
  {
    line: "d run --name had -v /left busybox true; d rm had; d volume prune -f | wc -l",
    in: ["stdout", "stderr"],
    reason: refused,
    better: "brig",
  },
  {
    line: "echo n | d volume prune; echo | d network prune",
    in: ["stdout"],
    reason: pruned,
    better: "brig",
  },
];
