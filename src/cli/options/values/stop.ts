/** How a container is asked to stop, and for how long: flags of `stop` and `restart`. */

import type { Flags } from "../../flags/flag.ts";
import { integer } from "../../flags/types/integer.ts";
import { signal } from "./signal.ts";

export const stopFlags = {
  signal: { type: signal, short: "s", help: "Signal to send first" },
  timeout: {
    type: integer,
    short: "t",
    retired: ["time"],
    help: "Seconds to wait before killing it; -1 for ever",
  },
} as const satisfies Flags;
