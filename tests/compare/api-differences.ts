/** Where brig's service means to differ from Debian's dockerd (20.10) to one and the same client. */

import { type Difference, differences } from "./differences.ts";

/** What of the differences of the two command lines is one of the engines, too. */
const shared = [
  "d run --rm --dns 10.0.0.53",
  "d run --rm --device /nosuch",
  "d run --rm --privileged",
  "d run -d --name any -P",
  "d update -m 64m other",
  "d exec -u nosuch",
  "d volume create kept",
];

export const apiDifferences: readonly Difference[] = [
  ...differences.filter(({ line }) => shared.some((beginning) => line.startsWith(beginning))),
  {
    line: "d exec life nosuch",
    in: ["code", "stdout", "stderr"],
    reason:
      "127 and stderr, as for run and as shells have it (and Docker 28); Docker 20.10 prints it on stdout with 126",
    better: "brig",
  },
];
