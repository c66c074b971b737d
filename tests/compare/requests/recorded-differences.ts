/** Where answers to what real clients send differ, besides `differences.ts`. */

import type { Difference } from "./difference.ts";

export const recordedDifferences: readonly Difference[] = [
  {
    requests: ["GET /containers/*/json"],
    fields: ["body.HostConfig.BlkioDevice*"],
    reason: "Docker echoes the empty lists that its client sends",
    better: "neither",
  },
  {
    requests: ["GET /containers/*/archive*"],
    fields: ["framing"],
    reason: "what is streamed has no length",
    better: "neither",
  },
];
