/** Everything that can be said about a new container, for `run` and `create`. */

import type { Flags } from "../../flags/flag.ts";
import { healthFlags } from "./health.ts";
import { identityFlags } from "./identity.ts";
import { networkFlags } from "./network.ts";
import { processFlags } from "./process.ts";
import { resourceFlags } from "./resources.ts";
import { securityFlags } from "./security.ts";
import { storageFlags } from "./storage.ts";

export const containerFlags = {
  ...identityFlags,
  ...processFlags,
  ...healthFlags,
  ...resourceFlags,
  ...securityFlags,
  ...storageFlags,
  ...networkFlags,
} as const satisfies Flags;
